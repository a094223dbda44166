"""The pages on which staff change a register: their fields come from the form files, so neither can drift."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Param

from include.domain.calls import LONGEST_NOTE, CallResult
from include.domain.desk import PERSONAL, Act
from include.domain.notices import NoticeKind
from include.gateways.form_columns import Page, PageColumn, issued_titles
from include.wiring.forms import SECTION, day_params, dry_run_param, param

WHICH, WHAT = "办理哪一件", "登记内容"
LONG = 200
"""Texts that may be longer are written into a box of several lines."""
NO_PERSONAL = rf"^(?![\s\S]*{PERSONAL})[\s\S]*$"
"""A text with the number of an identity card or a mobile telephone is refused before Airflow stores it."""
NO_NAMES = "不写姓名、电话、证件号"
REGISTERS = {
    "tip": "举报",
    "clue": "疑点线索",
    "rectification": "整改及退费",
    "case": "案件",
    "referral": "移送",
    "inspection": "现场检查",
    "blacklist": "黑名单",
}
"""The registers that are followed record by record."""
GROUNDS = ("检测", "检验", "检疫", "鉴定", "听证", "公告", "专家评审")
UNIT_CODE = r"^\s*[A-Za-z]\d{11}\s*$"
PATTERNS = {"money": r"^\d{1,13}(?:\.\d{1,2})?$", "institution_code": UNIT_CODE}
CHOSEN = frozenset({"choice", "yes_no"})
TIPSTER = (
    "不得填写举报人的姓名、电话、证件号：本页填写的内容会留在 Airflow 的数据库中。举报人信息只填在台账工作簿的"
    "“举报人信息”表，用命令行 registers import 导入，加密保存。"
)


def signed_params() -> dict[str, Param]:
    """What every page ends with: the reason, the day, and whether it is only to be looked at."""
    return {
        "why": text("理由", f"为什么这样登记，如依据的文书或会议；记入留痕；{NO_NAMES}。", is_needed=True, is_long=True, section=SECTION),
        **day_params(),
        **dry_run_param(
            "开启时只在任务日志和返回值中逐栏列出“原值 → 新值”，不登记任何内容。核对无误后关闭再运行。"
        ),
    }  # fmt: skip


def campaign_param(titles: Mapping[str, str], *, about: str = "") -> dict[str, Param]:
    return {"campaign": choice("专项行动", titles, about=about, is_needed=True, section=WHICH)}


def number_param(title: str, about: str) -> dict[str, Param]:
    return {"number": text(title, about, is_needed=True, section=WHICH)}


def unit_param() -> dict[str, Param]:
    """The code of one unit of the roster."""
    return {
        "unit": param(
            None,
            section=WHICH,
            type="string",
            pattern=UNIT_CODE,
            title="机构编码",
            description="名册中的12位编码，如 P15062600012。",
        )
    }


def limit_params() -> dict[str, Param]:
    """One record of one of the registers that are followed one by one, and who allowed the change."""
    which = choice("台账", REGISTERS, is_needed=True, section=WHICH)
    return {
        "register": which,
        **number_param("编号", "台账中的编号；举报写登记编号。"),
        **post_param("批准岗位"),
    }


def since_param(words: str) -> dict[str, Param]:
    return {"since": day("自哪一天起", f"{words}；留空即办理当天。")}


def ground_param() -> dict[str, Param]:
    """What the procedure rules do not count."""
    options = {each: each for each in GROUNDS}
    return {"ground": choice("暂停事由", options, about="只有这些事项的时间不计入期限。", is_needed=True)}


def days_param() -> dict[str, Param]:
    return {"days": number("延长多少天", "按该期限的计算单位（工作日或自然日）；留空即规定的天数。", least=1)}


def until_param(title: str, about: str) -> dict[str, Param]:
    return {"until": day(title, about, is_needed=True)}


def waived_params() -> dict[str, Param]:
    """A rule of a form as it is asked of one unit."""
    about = "退回说明中方括号里的代号，如 lines_add_up；写错会列出最接近的。"
    return {**unit_param(), **form_param(), "rule": text("规则代号", about, is_needed=True, section=WHICH)}


def threshold_params() -> dict[str, Param]:
    """One parameter of one screening rule, and its new value."""
    from include.screening.cards import parameters

    about = "规则编号、名称和参数；括号中是默认值和可调范围。"
    return {
        "parameter": choice("规则和参数", parameters(), about=about, is_needed=True, section=WHICH),
        "value": text(
            "新值",
            "只写数字，不写单位；须在可调范围内。",
            is_needed=True,
            pattern=r"^\s*\d{1,12}(\.\d{1,4})?\s*$",
        ),
    }


def form_param() -> dict[str, Param]:
    return {"form": choice("报送表", issued_titles(), is_needed=True, section=WHICH)}


def post_param(title: str) -> dict[str, Param]:
    name = "approved_by" if "批准" in title else "post"
    about = "写岗位代号或名称，如 office_director；不写姓名，写错会列出可选的岗位。"
    return {name: text(title, about, is_needed=True)}


def decision_param() -> dict[str, Param]:
    """What a person decided on a return."""
    options = {"stands": "属实，记为已复核", "send_back": "不实，退回该单位重报"}
    about = "退回的理由按“理由”一栏原文发给该单位，请写明哪里不实、怎样改正。"
    return {"decision": choice("复核结论", options, about=about, is_needed=True)}


def file_param() -> dict[str, Param]:
    about = "在“报送件：列出待认领的文件”中查看编号。"
    return {"file": number("文件编号", about, is_needed=True, least=1, section=WHICH)}


def scope_param() -> dict[str, Param]:
    options = {"campaign": "只是上面选定的专项行动", "everything": "全部专项行动"}
    return {"scope": choice("范围", options, is_needed=True)}


def doubt_params() -> dict[str, Param]:
    """A mail of which nobody knows whether it left, and what a person found out."""
    options = {"sent": "已经发出，不再发送", "resend": "没有发出，重新发送"}
    return {
        "number": number(
            "邮件编号", "在“发件箱”的待核实邮件中查看。", is_needed=True, least=1, section=WHICH
        ),
        "found": choice("核实结果", options, about="对照邮箱“已发送”或问收件单位。", is_needed=True),
    }


def again_params() -> dict[str, Param]:
    """A few units, and which of their mails."""
    kinds = (
        NoticeKind.ANNOUNCEMENT,
        NoticeKind.LAUNCH,
        NoticeKind.REMINDER,
        NoticeKind.OVERDUE,
        NoticeKind.RETURNED,
        NoticeKind.RECEIPT,
    )
    options = {each.value: each.zh for each in kinds}
    return {
        "units": text("机构编码", "每行一个，如 P15062600012；一次最多50家。", is_needed=True, is_long=True, section=WHICH),
        "kind": choice("重发哪一种", options, about="重发该单位最近一次的这种邮件。", is_needed=True),
    }  # fmt: skip


def holder_params() -> dict[str, Param]:
    """A post and the mailbox that receives its mail."""
    about = "岗位的公用邮箱；含手机号的个人邮箱不在网页上填写，请用名册“岗位联系表”导入。"
    return {
        **post_param("岗位"),
        "email": text("新的接收邮箱", about, is_needed=True, maxLength=200),
        **since_param("新邮箱开始接收的日子"),
    }


def call_params() -> dict[str, Param]:
    """One telephone call: to whom, when, by which post, and what came of it."""
    options = {each.value: each.zh for each in CallResult}
    agreed = "承诺报送、约定回电的必填；无人接听的可填再次拨打的日子。"
    return {
        **unit_param(),
        "result": choice("通话结果", options, is_needed=True),
        **post_param("拨打岗位"),
        "called_on": day("通话日期", "留空即办理当天。"),
        "called_at": text("通话时间", "写成 9:30；同一天两次通话的必须填写。", maxLength=10),
        "spoken_to": text("接听岗位", "只写岗位，如 医保办主任；不写姓名。", maxLength=50),
        "next_on": day("约定日期", agreed),
        "note": text(
            "通话内容",
            f"摘要填写；拒绝报送的必须写明对方所述理由；{NO_NAMES}。",
            is_long=True,
            maxLength=LONGEST_NOTE,
        ),
    }


def act_params(act: Act, page: Page) -> dict[str, Param]:
    """The fields of an act: which record, then what changes, each as its column in the form says."""
    columns = page.columns
    fields: dict[str, Param] = {}
    if not act.adds and not act.found_by:
        key = columns[page.key]
        fields |= number_param(key.label, f"《{page.title}》中已有的编号，如 {key.example}。")
    for name in act.found_by:
        fields[name] = _field(columns[name], is_needed=name in act.needed, section=WHICH)
    for name in act.fields:
        is_needed = name in act.needed or (act.adds and columns[name].is_required)
        fields[name] = _field(
            columns[name], is_needed=is_needed, only=act.only.get(name, ()), is_new=act.adds
        )
    return fields


def choice(
    title: str,
    options: Mapping[str, str],
    *,
    about: str = "",
    is_needed: bool = False,
    blank: str = "（不改）",
    section: str = WHAT,
) -> Param:
    """A list to choose from: value → words. What may be left alone has a first line that says so."""
    return param(
        None,
        section=section,
        type=_type("string", is_needed),
        enum=list(options) if is_needed else [None, *options],
        values_display=dict(options) if is_needed else {"None": blank, **options},
        title=title,
        description=about or "从下拉列表中选择。",
    )


def text(
    title: str,
    about: str,
    *,
    is_needed: bool = False,
    is_long: bool = False,
    section: str = WHAT,
    **schema: Any,
) -> Param:
    schema = {"pattern": NO_PERSONAL, **schema}
    if is_long:
        schema["format"] = "multiline"
    if is_needed:
        schema["minLength"] = 1
    return param(
        None, section=section, type=_type("string", is_needed), title=title, description=about, **schema
    )


def day(title: str, about: str, *, is_needed: bool = False, section: str = WHAT) -> Param:
    return param(
        None, section=section, type=_type("string", is_needed), format="date", title=title, description=about
    )


def number(title: str, about: str, *, is_needed: bool = False, least: int = 0, section: str = WHAT) -> Param:
    kind = _type("integer", is_needed)
    return param(None, section=section, type=kind, minimum=least, title=title, description=about)


def _field(
    column: PageColumn,
    *,
    is_needed: bool,
    only: tuple[str, ...] = (),
    is_new: bool = False,
    section: str = WHAT,
) -> Param:
    about = _about(column, is_needed=is_needed, is_new=is_new)
    if column.type in CHOSEN:
        labels = only or column.options or ("是", "否")
        blank = "（不填）" if is_new else "（不改）"
        options = {label: label for label in labels}
        return choice(column.label, options, about=about, is_needed=is_needed, blank=blank, section=section)
    if column.type == "date":
        return day(column.label, about, is_needed=is_needed, section=section)
    if column.type == "count":
        return number(column.label, about, is_needed=is_needed, least=column.least, section=section)
    is_long = column.most > LONG
    schema = _text_schema(column)
    return text(column.label, about, is_needed=is_needed, is_long=is_long, section=section, **schema)


def _text_schema(column: PageColumn) -> dict[str, Any]:
    if column.type in PATTERNS:
        return {"pattern": PATTERNS[column.type]}
    schema: dict[str, Any] = {"pattern": f"^(?:{column.pattern})$"} if column.pattern else {}
    return schema | ({"maxLength": column.most} if column.most else {})


def _about(column: PageColumn, *, is_needed: bool, is_new: bool) -> str:
    """The column's own help, what the pattern asks for, an example, and what a blank means."""
    parts = [column.help or "按实际情况填写", column.pattern_text and f"格式：{column.pattern_text}"]
    if column.type == "money":
        parts.append("单位为元，只写数字，最多两位小数")
    if column.example and column.type not in {*CHOSEN, "date"}:
        parts.append(f"如：{column.example}")
    if column.most > LONG:
        parts.append(NO_NAMES)
    if not is_needed and not is_new:
        parts.append("留空不改")
    return "；".join(part for part in parts if part) + "。"


def _type(kind: str, is_needed: bool) -> str | list[str]:
    return kind if is_needed else ["null", kind]
