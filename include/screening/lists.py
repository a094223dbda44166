"""The bureau's own lists that rules read: one CSV file each, named as here, with a head row.

What a file must have, in words for the bureau, and what is wrong with one that was given.
"""

from __future__ import annotations

from dataclasses import dataclass

from ibis.expr.types import BooleanValue, Table

KINDS = {"number": "float64", "day": "date"}
ZH = {"number": "数字", "day": "日期，如 2024-03-01"}


@dataclass(frozen=True, slots=True)
class Column:
    """``kind``: word, number or day; ``options``: the only words allowed."""

    name: str
    title: str
    kind: str = "word"
    is_required: bool = True
    options: tuple[str, ...] = ()

    @property
    def is_judged(self) -> bool:
        """Whether anything may be wrong with what is written in it."""
        return self.is_required or self.kind in KINDS or bool(self.options)


@dataclass(frozen=True, slots=True)
class BureauList:
    """``rules`` read it; of the columns ``either`` at least one must be there."""

    title: str
    rules: tuple[str, ...]
    columns: tuple[Column, ...]
    either: tuple[str, ...] = ()


def _may(name: str, title: str, kind: str = "word", *options: str) -> Column:
    return Column(name, title, kind, is_required=False, options=options)


ITEM = Column("med_list_codg", "医保目录编码")
PLACE = Column("fixmedins_code", "定点机构编号")
PERSON = Column("psn_no", "人员编号")
DIAGNOSIS = Column("diag_code", "诊断编码（ICD-10前3位）")

LISTS: dict[str, BureauList] = {
    "item_times": BureauList(
        "限次项目",
        ("S01",),
        (
            ITEM,
            Column("per", "day 每日、visit 每次就诊", options=("day", "visit")),
            Column("most", "至多几次", "number"),
        ),
    ),
    "mutex": BureauList(
        "互斥项目",
        ("S01",),
        (
            ITEM,
            Column("part_codg", "其内涵已包含、不得另收的项目编码"),
            Column("scope", "day 同日、visit 同次就诊、hours 规定小时内", options=("day", "visit", "hours")),
        ),
    ),
    "price_limits": BureauList(
        "最高收费标准",
        ("S02",),
        (
            ITEM,
            _may("hosp_lv", "医院等级代码；空为不分等级"),
            _may("start", "执行日期；空为一直", "day"),
            _may("end", "截止日期；空为至今", "day"),
            Column("price", "最高单价（元）", "number"),
        ),
    ),
    "day_limits": BureauList(
        "每日数量上限",
        ("S02",),
        (ITEM, Column("most", "每日至多", "number"), Column("unit", "次 或 小时", options=("次", "小时"))),
    ),
    "second_items": BureauList(
        "第二个起按比例计收的项目",
        ("S02",),
        (ITEM, Column("group_key", "同类名称"), Column("percent", "第二个起的比例（%）", "number")),
    ),
    "packages": BureauList(
        "打包项目及其组成",
        ("S03",),
        (
            Column("package_codg", "打包项目编码"),
            ITEM,
            Column("package_name", "打包项目名称"),
            Column("price", "打包价（元）", "number"),
        ),
    ),
    "frequency": BureauList(
        "限定频次项目",
        ("S04",),
        (ITEM, Column("days", "天数", "number"), Column("most", "至多几次", "number")),
    ),
    "approved_beds": BureauList("核定床位", ("S06",), (PLACE, Column("beds", "床位（张）", "number"))),
    "holidays": BureauList(
        "节假日（一天一行）",
        ("S06",),
        (Column("day", "日期", "day"), Column("holiday", "节日及年份，如 2025年春节")),
    ),
    "deaths": BureauList(
        "死亡人员名单",
        ("S09",),
        (_may("psn_no", "人员编号"), _may("certno", "证件号码"), Column("death_date", "死亡日期", "day")),
        either=("psn_no", "certno"),
    ),
    "sex_items": BureauList(
        "限性别项目", ("S10",), (ITEM, Column("gend", "1 限男性、2 限女性", options=("1", "2")))
    ),
    "age_limits": BureauList(
        "限年龄项目（一个项目一行）",
        ("S11",),
        (
            ITEM,
            Column("unit", "岁 或 天", options=("岁", "天")),
            _may("least", "最小年龄（含）；空为不限", "number"),
            _may("most", "最大年龄（含）；空为不限", "number"),
        ),
    ),
    "pay_limits": BureauList(
        "限定支付药品、项目",
        ("S12",),
        (
            ITEM,
            Column(
                "kind",
                "injury 限工伤、maternity 限生育、inpatient 限住院、level 限等级、diagnosis 限适应症、days 限天数、"
                "second_line 限二线",
                options=("injury", "maternity", "inpatient", "level", "diagnosis", "days", "second_line"),
            ),
            _may(
                "value",
                "等级代码、诊断编码开头、天数或一线药品编码；等级、诊断、一线药品可有多行，满足一行即可",
            ),
        ),
    ),
    "person_groups": BureauList(
        "人员关系",
        ("S13", "S24"),
        (
            PERSON,
            Column("kind", "family 家庭、nursing_home 养老机构、village 村、phone 电话、employer 单位"),
            Column("group_key", "同一关系写同一个名称"),
        ),
    ),
    "places": BureauList(
        "机构坐标",
        ("S14",),
        (
            PLACE,
            _may("longitude", "经度（度）", "number"),
            _may("latitude", "纬度（度）", "number"),
            _may("online", "1 为互联网医院", "word", "0", "1"),
        ),
    ),
    "linked_places": BureauList(
        "医院与其双通道药店", ("S14",), (PLACE, Column("other_codg", "另一家机构编号"))
    ),
    "per_visit_drugs": BureauList("按次注射等不算购药的药品", ("S15",), (ITEM,)),
    "drug_days": BureauList(
        "药品用量",
        ("S15", "S16", "S17"),
        (
            ITEM,
            Column("generic", "通用名"),
            _may("category", "治疗类别"),
            _may("pack_size", "每包装含量", "number"),
            _may("daily_dose", "日剂量，单位同包装含量", "number"),
            _may("long_term", "1 为可开长期处方", "word", "0", "1"),
        ),
    ),
    "exempt_diagnoses": BureauList("不判断用量的诊断", ("S15", "S16"), (DIAGNOSIS,)),
    "split_packs": BureauList("拆零药品", ("S18",), (ITEM,)),
    "dialysis_items": BureauList(
        "血液透析项目和耗材", ("S19",), (ITEM, Column("kind", "session 为透析项目，其他写耗材名称"))
    ),
    "dialysis_machines": BureauList("透析机台数", ("S19",), (PLACE, Column("machines", "台数", "number"))),
    "item_minutes": BureauList(
        "康复理疗项目时长", ("S20",), (ITEM, Column("minutes", "每次分钟数", "number"))
    ),
    "rehab_staff": BureauList(
        "康复科室人数",
        ("S20",),
        (PLACE, Column("bilg_dept_codg", "科室编码"), Column("staff", "治疗人员数", "number")),
    ),
    "per_day_items": BureauList(
        "按日计费项目",
        ("S21",),
        (
            ITEM,
            Column("class", "类别，如 床位、护理"),
            Column("per_day", "每日可计数量，监护按小时为24", "number"),
        ),
    ),
    "key_items": BureauList("重点药品耗材", ("S22",), (ITEM,)),
    "yearly_caps": BureauList(
        "年度限额",
        ("S25",),
        (
            Column("insutype", "险种类型"),
            Column("year", "年度", "number"),
            Column(
                "kind", "pool 统筹、outpatient 门诊、account 账户", options=("pool", "outpatient", "account")
            ),
            Column("cap", "限额（元）", "number"),
        ),
    ),
    "inventory": BureauList(
        "进销存",
        ("S26",),
        (
            PLACE,
            ITEM,
            Column("period_start", "期初日期", "day"),
            Column("period_end", "期末日期", "day"),
            Column("opening", "期初库存", "number"),
            Column("purchased", "本期购进", "number"),
            Column("transferred_in", "本期调入", "number"),
        ),
    ),
    "minor_diagnoses": BureauList("轻症诊断", ("S27",), (DIAGNOSIS,)),
    "doctor_persons": BureauList(
        "医师的参保人员编号", ("S29",), (Column("bilg_dr_codg", "医师编码"), PERSON)
    ),
    "equipment": BureauList(
        "检查设备",
        ("S29",),
        (
            PLACE,
            ITEM,
            Column("machines", "台数", "number"),
            Column("daily_capacity", "每台每日至多", "number"),
        ),
    ),
}


def lacking(name: str) -> str:
    """What to say of a list that was not provided: its title and the file to put among the bureau's lists."""
    return f"缺少清单：{LISTS[name].title}（{name}.csv）"


def faults(name: str, table: Table) -> list[str]:
    """What is wrong with a list as it was read, all columns as text; empty where a rule may use it."""
    if name not in LISTS:
        return [f"没有名为“{name}”的清单；可用的清单见筛查规则说明"]
    known = LISTS[name]
    missing = [each for each in known.columns if each.is_required and each.name not in table.columns]
    if missing:
        return [f"缺少列：{'、'.join(f'{each.name}（{each.title}）' for each in missing)}"]
    if known.either and not set(known.either) & set(table.columns):
        return [f"列{'、'.join(known.either)}至少要有一个"]
    judged = [each for each in known.columns if each.name in table.columns and each.is_judged]
    wrong = {each.name: _wrong(table, each) for each in judged}
    counts = table.aggregate(
        **{column: bad.fill_null(False).cast("int64").sum().fill_null(0) for column, bad in wrong.items()}
    )
    [row] = counts.to_pyarrow().to_pylist()
    return [
        f"列{each.name}（{each.title}）有{row[each.name]}行填写有误或未填，应为{wanted(each)}"
        for each in judged
        if row[each.name]
    ]


def _wrong(table: Table, column: Column) -> BooleanValue:
    """Blank where it must not be, or not to be read as what it is."""
    value = table[column.name].cast("string")
    is_blank = value.isnull() | (value.strip() == "")
    bad = is_blank & column.is_required
    if column.kind in KINDS:
        bad = bad | (~is_blank & value.try_cast(KINDS[column.kind]).isnull())
    if column.options:
        bad = bad | (~is_blank & ~value.isin(column.options))
    return bad


def wanted(column: Column) -> str:
    """What to write in the column."""
    return "、".join(column.options) or ZH.get(column.kind, "文字")
