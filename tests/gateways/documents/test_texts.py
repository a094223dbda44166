"""What a document says: figures and nothing else, complete or not at all, nobody by name."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.domain.documents import PrintedUnit, Skeleton
from include.domain.indicators import BY_KEY
from include.domain.reports import Figure, Scope
from include.domain.snapshot_records import Case
from include.gateways.documents import BadDocument, Documents
from include.gateways.documents.documents import SKELETONS
from include.gateways.documents.printed_numbers import Figures, Number
from include.gateways.documents.skeletons import load_skeleton
from tests.gateways.documents.conftest import CAMPAIGNS, WITH_DOCUMENT, owed
from tests.gateways.documents.full_figures import VALUES, full_figures, make_case, make_snapshot
from tests.gateways.documents.reading import numbers, texts, whole_text

DOCUMENTS = Documents()
QUARTERLY = ("wushen_2024", "fund_work_quarterly")
FINAL = ("wushen_2024", "final_summary")
INSTITUTIONS = ("medical_institutions", "retail_pharmacies")
PUBLIC = ("quanzhou_2024", "written_report")

pytestmark = pytest.mark.usefixtures("without_charts")


def build(
    which: tuple[str, str],
    figures: list[Figure] | None = None,
    *,
    previous: list[Figure] | None = None,
    cases: tuple[Case, ...] = (),
    campaigns: Path | None = None,
    skeletons: Path = SKELETONS,
) -> bytes:
    campaign, report, occasion = owed(*which)
    documents = DOCUMENTS if campaigns is None and skeletons == SKELETONS else Documents(skeletons, campaigns)
    return documents.build(
        campaign,
        report,
        occasion,
        edition=1,
        snapshot=make_snapshot(campaign, report, occasion, cases),
        figures=full_figures() if figures is None else figures,
        previous=previous or (),
    )


def test_each_campaign_has_a_written_report():
    assert {campaign for campaign, _ in WITH_DOCUMENT} == set(CAMPAIGNS)


@pytest.mark.parametrize("which", WITH_DOCUMENT, ids="-".join)
def test_each_document_is_complete_without_a_word_by_hand(which: tuple[str, str]):
    text = whole_text(build(which))
    assert "工作打算" in text
    assert "起草说明" in text
    for left_over in (
        "{{",
        "{%",
        "None",
        "Undefined",
        "。。",
        "，。",
        "；。",
        "、。",
        "，，",
        "：。",
        "\n。",
    ):
        assert left_over not in text


@pytest.mark.parametrize("which", WITH_DOCUMENT, ids="-".join)
def test_a_campaign_in_which_nothing_happened_reads_no_list_of_zeros(which: tuple[str, str]):
    there_are = [each for each in full_figures() if each.indicator in INSTITUTIONS]
    figures = [each for each in full_figures(0) if each.indicator not in INSTITUTIONS]
    body = "\n".join(texts(build(which, there_are + figures)))
    assert "0家、" not in body
    assert "0元" not in body
    assert "0万元" not in body
    assert "，。" not in body


@pytest.mark.parametrize("which", WITH_DOCUMENT, ids="-".join)
def test_a_document_without_any_figure_is_not_built(which: tuple[str, str]):
    _, report, _ = owed(*which)
    with pytest.raises(BadDocument, match=f"书面报告“{re.escape(report.title)}”的“开头”：缺少指标"):
        build(which, [])


def test_a_missing_figure_is_named_with_document_section_and_scope():
    without = [
        each for each in full_figures() if (each.indicator, each.scope) != ("recouped_amt", Scope.THIS)
    ]
    with pytest.raises(
        BadDocument,
        match=r"书面报告“医保基金工作情况统计表（按季度）”的“工作成效”：缺少指标“.*recouped_amt.*”（本期），请补充数据后重新编制",
    ):
        build(QUARTERLY, without)


def test_a_campaign_without_pharmacies_says_nothing_of_them():
    assert "零售药店" not in whole_text(build(("heshan_2020", "latest_progress"))).replace("定点医药机构", "")


counts = st.integers(0, 9_999)
amounts = st.decimals(Decimal(0), Decimal("99999999.99"), places=2)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_number_in_the_text_is_a_figure(data: st.DataObject):
    changed = {
        key: str(data.draw(amounts if "." in value and len(value.partition(".")[2]) == 2 else counts))
        for key, value in VALUES.items()
        if not key.endswith(("rate", "coverage"))
    }
    changed["units_inspected"] = str(min(int(changed["units_inspected"]), int(changed["units_to_inspect"])))
    figures = full_figures(**changed)
    campaign, _, _ = owed(*FINAL)
    content = build(FINAL, figures)
    body = [text for text in texts(content) if "快照" not in text]
    known = {(Number(each.value, unit).digits, unit) for each in figures for unit in get_args(PrintedUnit)}
    left = Decimal(changed["units_to_inspect"]) - Decimal(changed["units_inspected"])
    known |= {(f"{left}", "家")}
    for milestone in campaign.milestones:
        gap = milestone.target * 100 - Decimal(VALUES["inspection_coverage"])
        known |= {(Number(milestone.target * 100, "%").digits, "%"), (Number(gap, "%").digits, "个百分点")}
    printed = {(Decimal(digits), unit) for digits, unit in known}
    own = "\n".join(text for text in body if not any(words in text for words in quoted(campaign.id)))
    assert set(numbers(own)) <= printed


def quoted(campaign_id: str) -> list[str]:
    """Paragraphs that repeat the notice, whose numbers are its own."""
    return [phase.text[:20] for phase in CAMPAIGNS[campaign_id].phases]


def test_the_change_since_the_last_edition_is_the_difference():
    text = "\n".join(texts(build(QUARTERLY, full_figures(), previous=full_figures(0.5))))
    assert "已报161家，报送率95.8%，较上期提高47.9个百分点" in text
    same = "\n".join(texts(build(QUARTERLY, full_figures(), previous=full_figures())))
    assert "与上期持平" in same
    assert "较上期" not in "\n".join(texts(build(QUARTERLY))).replace("未写与上期的比较", "")


def test_the_first_page_has_the_headline_numbers_against_the_milestone():
    opening = next(text for text in texts(build(QUARTERLY)) if text.startswith("截至"))
    for words in ("应报", "已报", "检查覆盖率", "追回医保基金", "移送", "目标"):
        assert words in opening


@pytest.mark.parametrize(
    ("coverage", "words"),
    [
        ("80", "已达到2024年8月31日前定点医药机构检查完成80%的目标"),
        ("79.96", "未达到2024年8月31日前定点医药机构检查完成80%的目标，尚差不足0.1个百分点"),
        ("52.5", "尚差27.5个百分点"),
    ],
)
def test_a_milestone_that_is_past_was_met_or_was_not(coverage: str, words: str):
    campaign, report, occasion = owed(*QUARTERLY)
    snapshot = replace(make_snapshot(campaign, report, occasion), taken_on=date(2024, 9, 30))
    content = Documents().build(
        campaign,
        report,
        occasion,
        edition=1,
        snapshot=snapshot,
        figures=full_figures(inspection_coverage=coverage),
    )
    assert words in "".join(texts(content))


class TestCases:
    def test_an_institution_is_not_named(self):
        text = whole_text(build(FINAL, cases=(make_case("AJ-1", published_on=date(2024, 9, 1)),)))
        assert "示例医院" not in text
        assert "某定点医疗机构重复收费案" in text
        assert "责令退回医保基金12.35万元，处以罚款24.69万元，约谈" in text

    def test_a_public_campaign_names_an_institution_that_was_exposed(self):
        exposed = make_case("AJ-1", published_on=date(2024, 9, 1))
        assert "示例医院" in whole_text(build(PUBLIC, cases=(exposed,)))
        assert "示例医院" not in whole_text(build(PUBLIC, cases=(make_case("AJ-1"),)))

    @pytest.mark.parametrize("party", ["参保人员", "医疗机构工作人员"])
    def test_a_person_is_never_named(self, party: str):
        person = make_case("AJ-1", party=party, unit_name="张三", published_on=date(2024, 9, 1))
        text = whole_text(build(PUBLIC, cases=(person,)))
        assert "张三" not in text
        assert f"某{party}" in text

    def test_cases_undecided_or_of_another_period_are_left_out(self):
        cases = (make_case("AJ-1", decided_on=None), make_case("AJ-2", decided_on=date(2025, 3, 1)))
        text = whole_text(build(FINAL, cases=cases))
        assert "某定点医疗机构" not in text
        assert "“典型案例”一节从略" in text


class TestHandWritten:
    def write(self, folder: Path, facts: object, name: str = "final_summary.yaml") -> Path:
        target = folder / "wushen_2024" / "documents" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(yaml.safe_dump(facts, allow_unicode=True), encoding="utf-8")
        return folder

    def test_the_offices_words_stand_in_their_section_and_are_no_longer_asked_for(self, tmp_path: Path):
        facts = {
            "problems": [
                {"title": "基层监管力量不足", "text": "全旗已检查{{ total('units_inspected', '家') }}。"}
            ],
            "copied_to": ["旗人民政府"],
        }
        found = texts(build(FINAL, campaigns=self.write(tmp_path, facts)))
        assert "（六）基层监管力量不足" in found
        assert "全旗已检查141家。" in found
        assert found.index("　抄送：旗人民政府。") + 1 == found.index(
            "　乌审旗医疗保障局办公室\t2024年　月　日印发　"
        )
        assert not any("存在问题、" in text for text in found if "请补充" in text)

    def test_an_occasion_may_have_words_of_its_own(self, tmp_path: Path):
        own = self.write(tmp_path, {"problems": [{"text": "一般。"}]}, "periodic_progress.yaml")
        self.write(
            tmp_path,
            {"problems": [{"text": "本季度特有。"}]},
            f"periodic_progress.{owed(*QUARTERLY)[2].key}.yaml",
        )
        found = texts(build(QUARTERLY, campaigns=own))
        assert "本季度特有。" in found
        assert "一般。" not in found

    @pytest.mark.parametrize("personal", ["联系电话13800138000", "身份证号11010519491231002X"])
    def test_personal_data_is_refused(self, tmp_path: Path, personal: str):
        with pytest.raises(BadDocument, match="公文中不得写入个人信息"):
            build(FINAL, campaigns=self.write(tmp_path, {"problems": [{"text": personal}]}))

    def test_templates_reach_nothing_but_facts_and_figures(self, tmp_path: Path):
        facts = {"problems": [{"text": "{{ total.__globals__ }}"}]}
        with pytest.raises(BadDocument, match="模板有误"):
            build(FINAL, campaigns=self.write(tmp_path, facts))

    def test_a_misspelt_field_is_named(self, tmp_path: Path):
        with pytest.raises(BadDocument, match=r"final_summary\.yaml 的 problem：没有这一项"):
            build(FINAL, campaigns=self.write(tmp_path, {"problem": []}))


def test_every_skeleton_is_used_and_prints_each_indicator_in_its_unit():
    used = {owed(*which)[1].document for which in WITH_DOCUMENT}
    assert used == {path.stem for path in SKELETONS.glob("*.yaml")}
    for key in sorted(filter(None, used)):
        skeleton: Skeleton = load_skeleton(SKELETONS, key)
        for row in (*skeleton.table, *skeleton.charts):
            known = BY_KEY.get(row.indicator)
            assert known is None or known.unit == ("元" if row.unit == "万元" else row.unit)


def test_an_unknown_document_lists_those_there_are(tmp_path: Path):
    with pytest.raises(BadDocument, match="没有名为“final_summary”的书面报告"):
        build(FINAL, skeletons=tmp_path)


@pytest.mark.parametrize(
    ("value", "unit", "printed"),
    [
        ("12", "家", "12家"),
        ("0", "家", "0家"),
        ("1234567.89", "万元", "123.46万元"),
        ("49.99", "万元", "49.99元"),
        ("50", "万元", "0.01万元"),
        ("0", "万元", "0万元"),
        ("3200", "元", "3200元"),
        ("95.8333", "%", "95.8%"),
        ("100", "%", "100%"),
        ("99.99", "%", "100.0%"),
    ],
)
def test_a_figure_is_printed_by_the_rule_of_its_unit(value: str, unit: str, printed: str):
    assert str(Number(Decimal(value), unit)) == printed


def test_a_figure_is_not_printed_in_the_unit_of_another():
    with pytest.raises(BadDocument, match="单位是“元”，不能印成“家”"):
        Figures(full_figures()).number("violation_amt", "家")
