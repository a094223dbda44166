"""S10 性别限制: items or diagnoses of the other sex."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis
from ibis.expr.types import DateValue, IntegerValue, StringValue, Table

from include.domain.screening import Hit, Result, Rule, Scene
from include.screening.data import Data, in_cents
from include.screening.measures import finding, listed, said, strongest

RULE = Rule(
    key="sex_limit",
    number="S10",
    title="性别限制",
    basis="《医疗保障基金使用监督管理条例》第三十八条、第四十条；ICD-10分类",
    logic="参保人性别与所收项目（清单）或主要诊断（ICD-10男、女性生殖系统疾病及产科章节）不符",
    result=Result.SUSPECT,
    interval="当次就诊",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    caveats=(
        "性别代码与身份证第17位不一致的视为登记有误，已排除",
        "新生儿挂母亲账户需核实",
        "名称带妇科而男女通用的项目不要列入清单",
    ),
)

MALE, FEMALE = "1", "2"
ZH = {MALE: "男", FEMALE: "女"}


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    """List ``sex_items`` (may be missing): med_list_codg, gend (the sex it is for, 1 or 2)."""
    heads = _of_known_sex(data.settlements)
    items = listed(data, "sex_items", "med_list_codg", gend="string").rename(only="gend")
    items = items.filter(items.only.isin([MALE, FEMALE]))
    rows = data.lines.drop("gend").inner_join(items, "med_list_codg")
    rows = rows.inner_join(heads.select("setl_id", "gend"), "setl_id")
    wrong = rows.filter(rows.only != rows.gend)
    heads = heads.mutate(only=_sex_of(heads.diag_code.fill_null("").substr(0, 3)))
    ill = heads.filter((heads.only != "") & (heads.only != heads.gend))
    return strongest(
        _hit(wrong, "a", wrong.day, wrong.cents, wrong.hilist_name),
        _hit(ill, "b", ill.begndate.date(), in_cents(ill.inscp_scp_amt), ill.diag_code),
    )


def _of_known_sex(s: Table) -> Table:
    """Settlements whose sex does not contradict the identity number (digit 17, odd for a man)."""
    digit = s.certno.fill_null("").substr(16, 1)
    by_number = ibis.cases(
        (s.certno.fill_null("").length() != 18, s.gend),
        (digit.isin(list("13579")), MALE),
        (digit.isin(list("02468")), FEMALE),
        else_=s.gend,
    )
    return s.filter(s.gend.isin([MALE, FEMALE]) & (by_number == s.gend))


def _sex_of(category: StringValue) -> StringValue:
    """The sex an ICD-10 category is confined to, or an empty string."""
    man = category.between("C60", "C63") | (category == "D29") | category.between("N40", "N51")
    woman = (
        category.between("C51", "C58")
        | category.between("D25", "D28")
        | category.between("N70", "N98")
        | category.between("O00", "O99")
    )
    return ibis.cases((man, MALE), (woman, FEMALE), else_="")


def _hit(rows: Table, variant: str, day: DateValue, cents: IntegerValue, item: StringValue) -> Table:
    return finding(
        rows,
        variant,
        person=rows.psn_no,
        start=day,
        end=day,
        cents=cents,
        measure=rows.gend.cast("float64"),
        limit=rows.only.cast("float64"),
        item=item.fill_null(""),
    )


def explain(hit: Hit) -> str:
    variant, item, sex, only = said(hit)
    person, other = ZH[f"{sex:.0f}"], ZH[f"{only:.0f}"]
    if variant == "a":
        return f"参保人性别为{person}，收取了限{other}性的“{item}”。"
    return f"参保人性别为{person}，主要诊断“{item}”属{other}性疾病或产科。"
