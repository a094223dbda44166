"""The five campaigns say what their notices say."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
import yaml

from include.campaigns.registry import FILE_NAME, FOLDER, load_campaign, load_campaigns
from include.domain.campaign import Campaign, PhaseKind, PostRole, Structure, Subject
from include.domain.model import UnitKind

IDS = ("anhui_2024", "heshan_2020", "quanzhou_2024", "wushen_2024", "zhuoni_2019")

load = cache(lambda campaign_id: load_campaign(FOLDER / campaign_id))


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts(part)]
    if isinstance(value, list | tuple):
        return [text for part in value for text in texts(part)]
    return [str(value)]


@pytest.fixture(params=IDS)
def campaign(request: pytest.FixtureRequest) -> Campaign:
    return load(request.param)


def test_all_five_folders_load_and_none_is_broken() -> None:
    registry = load_campaigns()
    assert registry.broken == ()
    assert [campaign.id for campaign in registry.campaigns] == list(IDS)


@pytest.mark.parametrize(
    ("campaign_id", "phase", "kind", "due", "due_text", "approx"),
    [
        ("wushen_2024", "mobilization", "mobilization", "2024-05-20", "5月中旬完成", True),
        ("wushen_2024", "self_check", "self_check", "2024-05-31", "5月底完成", True),
        ("wushen_2024", "concentrated_rectification", "inspection", "2024-10-31", "10月底完成", True),
        ("wushen_2024", "summary", "conclusion", "2024-11-30", "11月底前完成", True),
        ("zhuoni_2019", "look_back", "inspection", "2019-02-07", "利用1个月时间", True),
        ("quanzhou_2024", "mobilization", "mobilization", "2024-05-31", "2024年5月完成", True),
        ("quanzhou_2024", "self_check", "self_check", "2024-06-30", "2024年6月完成", True),
        ("quanzhou_2024", "concentrated_rectification", "inspection", "2024-11-30", "2024年11月完成", True),
        ("quanzhou_2024", "summary", "conclusion", "2024-12-10", "2024年12月10日前完成", False),
        ("heshan_2020", "self_check", "self_check", "2020-06-25", "6月25日前", False),
        ("heshan_2020", "recheck", "inspection", "2020-11-30", "7月至11月", True),
        ("anhui_2024", "self_check", "self_check", "2024-06-30", "通知未明确时限", True),
        ("anhui_2024", "full_coverage_check", "inspection", "2024-12-31", "通知未明确时限", True),
        ("anhui_2024", "cross_city_check", "inspection", "2024-12-31", "下半年", True),
        ("anhui_2024", "city_recheck", "inspection", "2024-12-31", "通知未明确时限", True),
        ("anhui_2024", "national_clues", "inspection", "2024-12-31", "通知未明确时限", True),
        ("anhui_2024", "year_end_assessment", "conclusion", "2024-12-31", "年底", True),
    ],
)
def test_phase_ends_when_the_notice_says(
    campaign_id: str, phase: str, kind: str, due: str, due_text: str, approx: bool
) -> None:
    found = load(campaign_id).phase(phase)
    assert (found.kind, str(found.due), found.approx) == (kind, due, approx)
    assert found.due_text.startswith(due_text)


@pytest.mark.parametrize(
    ("campaign_id", "structure", "phases"),
    [
        ("wushen_2024", Structure.PHASES, 4),
        ("quanzhou_2024", Structure.PHASES, 4),
        ("heshan_2020", Structure.PHASES, 2),
        ("zhuoni_2019", Structure.SINGLE_PUSH, 1),
        ("anhui_2024", Structure.TASK_LIST, 6),
    ],
)
def test_structure_is_the_notices_own(campaign_id: str, structure: Structure, phases: int) -> None:
    campaign = load(campaign_id)
    assert (campaign.structure, len(campaign.phases)) == (structure, phases)


@pytest.mark.parametrize(
    ("campaign_id", "doc_no", "issued_on", "publicity"),
    [
        ("wushen_2024", None, None, "not_stated"),
        ("zhuoni_2019", "卓政办发〔2019〕1号", date(2019, 1, 7), "not_stated"),
        ("anhui_2024", None, date(2024, 4, 10), "not_stated"),
        ("quanzhou_2024", "泉医保〔2024〕70号", date(2024, 6, 20), "public"),
        ("heshan_2020", "鹤医保〔2020〕12号", None, "not_public"),
    ],
)
def test_notice_is_identified(
    campaign_id: str, doc_no: str | None, issued_on: date | None, publicity: str
) -> None:
    campaign = load(campaign_id)
    notice = campaign.notice
    assert (notice.doc_no, notice.issued_on, notice.publicity) == (doc_no, issued_on, publicity)
    assert campaign.is_public is (publicity == "public")


@pytest.mark.parametrize(
    ("campaign_id", "upper_numbers"),
    [
        ("wushen_2024", ["内医保办发〔2024〕13号", "鄂医保发〔2024〕13号"]),
        ("zhuoni_2019", ["国医保明电〔2018〕12号"]),
        ("quanzhou_2024", ["闽医保〔2024〕47号"]),
        ("heshan_2020", ["医保函〔2020〕1号", "粤医保函〔2020〕122号", "江医保函〔2020〕64号"]),
    ],
)
def test_notice_names_the_documents_it_follows(campaign_id: str, upper_numbers: list[str]) -> None:
    documents = load(campaign_id).notice.upper_documents
    assert [
        f"（{number}）" in document for number, document in zip(upper_numbers, documents, strict=True)
    ] == [True] * len(upper_numbers)


@pytest.mark.parametrize(
    ("campaign_id", "window"),
    [
        ("wushen_2024", (date(2021, 5, 1), None)),
        ("quanzhou_2024", (date(2021, 5, 1), None)),
        ("heshan_2020", (date(2018, 1, 1), date(2020, 5, 31))),
        ("anhui_2024", (date(2023, 1, 1), date(2023, 12, 31))),
        ("zhuoni_2019", None),
    ],
)
def test_data_window_is_the_notices_own(campaign_id: str, window: tuple[date, date | None] | None) -> None:
    found = load(campaign_id).data_window
    assert (found and (found.start, found.end)) == window


@pytest.mark.parametrize(
    ("campaign_id", "supervised"),
    [
        ("wushen_2024", {"medical_institution", "retail_pharmacy"}),
        ("zhuoni_2019", {"medical_institution", "retail_pharmacy", "insured_person"}),
        ("anhui_2024", {"medical_institution", "retail_pharmacy"}),
        ("quanzhou_2024", {"medical_institution", "retail_pharmacy", "insured_person"}),
        ("heshan_2020", {"handling_agency", "medical_institution"}),
    ],
)
def test_supervised_subjects_are_the_notices_own(campaign_id: str, supervised: set[str]) -> None:
    campaign = load(campaign_id)
    assert set(campaign.supervised) == supervised
    assert {focus.subject for focus in campaign.focus} == supervised


@pytest.mark.parametrize(
    ("campaign_id", "key", "target", "due"),
    [
        ("wushen_2024", "coverage_80", "0.80", "2024-08-31"),
        ("wushen_2024", "coverage_100", "1.00", "2024-10-31"),
        ("anhui_2024", "full_coverage", "1.00", "2024-12-31"),
    ],
)
def test_milestone_has_target_and_date(campaign_id: str, key: str, target: str, due: str) -> None:
    found = {milestone.key: milestone for milestone in load(campaign_id).milestones}[key]
    assert (found.target, str(found.due)) == (Decimal(target), due)
    assert found.indicator == "inspection_coverage"


@pytest.mark.parametrize(
    ("campaign_id", "key", "cadence", "due", "to"),
    [
        ("wushen_2024", "self_check_statistics", "once", "2024-06-07", "鄂尔多斯市医疗保障局"),
        ("wushen_2024", "fund_work_quarterly", "quarterly", None, "鄂尔多斯市医疗保障局"),
        ("wushen_2024", "final_summary", "once", "2024-11-30", "鄂尔多斯市医疗保障局"),
        ("wushen_2024", "major_cases", "on_event", None, "鄂尔多斯市医疗保障局"),
        ("quanzhou_2024", "self_check_statistics", "once", "2024-07-05", "福建省医疗保障局"),
        ("quanzhou_2024", "periodic_data", "periodic", None, "泉州市医疗保障局"),
        ("quanzhou_2024", "written_report", "once", "2024-12-10", "泉州市医疗保障局"),
        ("quanzhou_2024", "public_opinion", "on_event", None, "泉州市医疗保障局"),
        ("heshan_2020", "self_check_statistics", "once", "2020-08-31", "江门市医疗保障局"),
        ("heshan_2020", "latest_progress", "once", "2020-11-02", "江门市医疗保障局"),
        ("anhui_2024", "self_check_statistics", "once", "2024-07-05", "安徽省医疗保障局"),
        ("anhui_2024", "annual_summary", "once", "2024-12-31", "安徽省医疗保障局"),
        ("zhuoni_2019", "action_statistics", "once", "2019-02-15", "上级医疗保障部门（通知未载明）"),
    ],
)
def test_report_goes_up_when_the_notice_says(
    campaign_id: str, key: str, cadence: str, due: str | None, to: str
) -> None:
    report = load(campaign_id).report(key)
    assert (report.cadence, report.due and str(report.due), report.to) == (cadence, due, to)


@pytest.mark.parametrize("campaign_id", ["anhui_2024", "heshan_2020", "quanzhou_2024", "wushen_2024"])
def test_self_check_statistics_can_be_compiled_wherever_there_is_a_self_check(campaign_id: str) -> None:
    campaign = load(campaign_id)
    report = campaign.report("self_check_statistics")
    assert report.phase == "self_check"
    assert {"self_check_units", "self_check_violations"} <= set(report.table_layouts)
    assert any(post.role is PostRole.UPPER_BUREAU for post in campaign.posts)


MEDICAL, PHARMACY = UnitKind.MEDICAL_INSTITUTION, UnitKind.RETAIL_PHARMACY
AGENCY, BRANCH = UnitKind.HANDLING_AGENCY, UnitKind.COUNTY_BRANCH


@pytest.mark.parametrize(
    ("campaign_id", "phase", "owed"),
    [
        ("wushen_2024", "self_check", {("self_check", (MEDICAL, PHARMACY))}),
        ("quanzhou_2024", "self_check", {("self_check", (MEDICAL, PHARMACY))}),
        ("anhui_2024", "self_check", {("self_check", (MEDICAL, PHARMACY))}),
        ("heshan_2020", "self_check", {("agency_self_check", (AGENCY,)), ("self_check", (MEDICAL,))}),
        ("quanzhou_2024", "summary", {("written_report", (BRANCH, AGENCY))}),
    ],
)
def test_units_owe_what_the_notice_orders_with_a_stamped_scan(
    campaign_id: str, phase: str, owed: set[tuple[str, tuple[UnitKind, ...]]]
) -> None:
    returns = load(campaign_id).phase(phase).returns
    assert {(one.form, one.owed_by) for one in returns} == owed
    assert all(one.stamped_scan and one.filled_by == "unit" for one in returns)


def test_inspections_are_filled_by_the_office_and_no_institution_is_chased_for_them(
    campaign: Campaign,
) -> None:
    inspected = {subject.value for subject in campaign.supervised if subject is not Subject.INSURED_PERSON}
    for phase in campaign.phases_of(PhaseKind.INSPECTION):
        for owed in phase.returns:
            if owed.form == "inspection":
                assert owed.filled_by == "office"
                assert {kind.value for kind in owed.owed_by} == inspected
            else:
                assert owed.recurring is not None
                assert not {kind.value for kind in owed.owed_by} & (inspected - {"handling_agency"})


def test_phase_over_before_the_notice_came_out_is_known_as_such() -> None:
    over = [
        (campaign.id, phase.key)
        for campaign in map(load, IDS)
        for phase in campaign.phases
        if campaign.was_over_when_issued(phase)
    ]
    assert over == [("quanzhou_2024", "mobilization")]


def test_steps_inside_the_recheck_follow_the_notice() -> None:
    steps = load("heshan_2020").phase("recheck").steps
    assert [(str(step.start), str(step.due)) for step in steps] == [
        ("2020-07-01", "2020-08-31"),
        ("2020-09-01", "2020-09-30"),
        ("2020-10-01", "2020-11-30"),
    ]


def test_lookback_bans_for_three_years_and_blacklists_persons_too() -> None:
    rules = load("zhuoni_2019").rules
    assert rules.reapply_ban_years == 3
    assert set(rules.blacklist) == {
        Subject.MEDICAL_INSTITUTION,
        Subject.RETAIL_PHARMACY,
        Subject.INSURED_PERSON,
    }
    assert rules.blacklist_staff
    assert list(rules.sanctions[:5]) == ["拒付费用", "暂停结算", "黄牌警告", "终止协议", "行政处罚"]
    assert any("件件有核实、条条有回复" in rule for rule in rules.tips)


def test_ban_and_blacklist_are_not_lent_to_campaigns_whose_notice_has_none() -> None:
    for campaign_id in set(IDS) - {"zhuoni_2019"}:
        rules = load(campaign_id).rules
        assert (rules.reapply_ban_years, rules.blacklist, rules.blacklist_staff) == (None, (), False)


def test_successors_in_a_post_take_over_in_quanzhou() -> None:
    assert "由成员单位相应岗位人员自行递补" in str(load("quanzhou_2024").rules.succession)


def test_ladder_climbs_from_the_handling_unit_to_the_leading_group(campaign: Campaign) -> None:
    offsets = [step.offset for step in campaign.ladder]
    assert offsets[:8] == [-10, -5, -3, -1, 0, 1, 3, 5]
    assert offsets == sorted(offsets)
    told = {step.offset: [campaign.post(key).role for key in step.to_posts] for step in campaign.ladder}
    assert all(told[offset] == [] for offset in (-10, -5, -3, -1, 0))
    assert told[1] == [PostRole.HANDLING_UNIT]
    assert told[3] == [PostRole.OFFICE_DIRECTOR]
    assert told[5] == [PostRole.GROUP_DEPUTY]
    assert "列入约谈名单" in str(campaign.step("overdue_5").consequence)


def test_campaign_has_the_posts_that_mail_goes_to(campaign: Campaign) -> None:
    roles = {post.role for post in campaign.posts}
    assert roles >= {
        PostRole.GROUP_HEAD,
        PostRole.GROUP_DEPUTY,
        PostRole.OFFICE_DIRECTOR,
        PostRole.OFFICE_STAFF,
        PostRole.DEPT_LIAISON,
        PostRole.HANDLING_UNIT,
    }
    assert (PostRole.UPPER_BUREAU in roles) >= (campaign.upper is not None)


def test_posts_name_no_person(campaign: Campaign) -> None:
    for post in campaign.posts:
        assert re.search(r"(长|主任|科员|人员|民警|岗)$", post.title), post.title
        assert not re.search(r"[\s：:]", post.title), post.title


@pytest.mark.parametrize("campaign_id", IDS)
def test_file_holds_no_telephone_mailbox_or_list_of_persons(campaign_id: str) -> None:
    text = (FOLDER / campaign_id / FILE_NAME).read_text(encoding="utf-8")
    assert not re.search(r"(?<!\d)(?:0\d{2,3}-?\d{7,8}|1[3-9]\d{9}|\d{7,8})(?!\d)", text)
    assert "@" not in text
    for value in texts(yaml.safe_load(text)):
        assert not re.search(r"(组\s*长|主任|局长|成\s*员|联系人)[：:]\s*[\u4e00-\u9fa5]", value), value


def test_vague_date_is_marked_as_worked_out(campaign: Campaign) -> None:
    dated = [*campaign.phases, *campaign.milestones, *(one for one in campaign.reports if one.due)]
    for one in dated:
        exact = re.search(r"\d+月\d+日", one.due_text) and "确定" not in one.due_text
        assert one.approx is not bool(exact), one.due_text


@pytest.mark.parametrize("campaign_id", IDS)
def test_file_begins_with_its_schema(campaign_id: str) -> None:
    first = (FOLDER / campaign_id / FILE_NAME).read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../campaign.schema.json"


@pytest.mark.parametrize("campaign_id", IDS)
def test_blocks_stand_in_the_models_order(campaign_id: str) -> None:
    written = yaml.safe_load((FOLDER / campaign_id / FILE_NAME).read_text(encoding="utf-8"))
    assert list(written) == [name for name in Campaign.model_fields if name in written]
