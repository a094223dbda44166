"""What may be done by hand: whose it is, the form and what stands in it, and what became of a run."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.utils.state import DagRunState, TaskInstanceState

from include.desk.act_form import fields, in_words, sections
from include.desk.airflow_acts import Form
from include.desk.pages.acts import confirming
from include.domain.access import Grant, Role
from tests.conftest import ROOT
from tests.desk.airflow_rows import RUN, add_dag, add_form, add_task
from tests.desk.conftest import Web

STOP, CLUE, PHASE = "desk_sending_stop", "desk_clue_result", "wushen_2024__self_check"
ANSWERS = {"campaign": "wushen_2024", "scope": "campaign", "why": "核对名册"}
OUTCOME = {
    "事项": "乌审旗",
    "变动": ["发送 “照常发送” → “停止发送”"],
    "提示": ["正在交付的一封会发完"],
    "结果": "",
}
DONE = {"run_state": DagRunState.SUCCESS}


@pytest.fixture(scope="module")
def dags() -> dict[str, Any]:
    from airflow.dag_processing.dagbag import DagBag

    found: dict[str, Any] = {}
    for name in ("desk_sending", "desk_clues", "self_check"):
        found |= DagBag(str(ROOT / "dags" / f"{name}.py")).dags
    return found


@pytest.fixture
def office(web: Web, dags: dict[str, Any]) -> Web:
    for key in (STOP, CLUE, PHASE):
        add_form(web.airflow, dags[key])
    return web


@pytest.mark.parametrize(
    ("user", "shown", "hidden"),
    [
        ("officer", ("停止发送", "核查进度和结论", "自查自纠"), ()),
        ("officer_of_one", ("停止发送", "自查自纠"), ("泉州",)),
        ("hotline", ("核查进度和结论",), ("停止发送", "自查自纠")),
    ],
)
def test_everybody_finds_what_is_theirs_to_do(
    office: Web, user: str, shown: tuple[str, ...], hidden: tuple[str, ...]
) -> None:
    page = office.as_(user).get("/acts")
    assert page.status_code == 200
    for words in shown:
        assert words in page.text
    for words in hidden:
        assert words not in page.text


@pytest.mark.parametrize(
    ("user", "path"),
    [
        ("approver", "/acts"),
        ("auditor", f"/acts/{STOP}"),
        ("county", f"/acts/{STOP}"),
        ("hotline", f"/acts/{STOP}"),
        ("officer_of_one", "/acts/anhui_2024__self_check"),
        ("officer_of_one", "/acts/collect_returns"),
        ("county", f"/acts/{STOP}/runs/{RUN}"),
    ],
)
def test_nobody_is_shown_a_form_that_is_not_theirs(office: Web, user: str, path: str) -> None:
    assert office.as_(user).get(path).status_code == 403


def test_the_form_is_filled_in_by_the_link_and_posts_to_airflow(office: Web) -> None:
    page = office.as_("officer").get(f"/acts/{STOP}?campaign=wushen_2024&why=核对&on=2024-06-03").text
    assert 'data-url="/api/v2/dags/desk_sending_stop/dagRuns"' in page
    assert 'value="wushen_2024" selected' in page
    assert ">核对</textarea>" in page
    assert 'name="on"' in page
    assert 'value="2024-06-03"' in page
    assert 'name="dry_run"' not in page
    assert "先预演" in page


def test_text_of_a_link_is_never_markup(office: Web) -> None:
    page = office.as_("officer").get(f"/acts/{STOP}", params={"why": "</textarea><script>alert(1)"}).text
    assert "<script>alert" not in page


def test_an_act_of_no_register_is_listed_too(office: Web) -> None:
    with office.airflow.begin() as connection:
        add_dag(connection, "desk_survey", "登记·更新看板数据")
    assert "更新看板数据" in office.as_("officer").get("/acts").text


def test_an_act_that_is_not_there_is_said_so(office: Web) -> None:
    assert office.as_("officer").get("/acts/desk_nothing_here").status_code == 404
    assert office.as_("officer").get(f"/acts/{STOP}/runs/nothing").status_code == 404


def test_a_dry_run_shows_its_changes_and_offers_the_entry_once(office: Web) -> None:
    dry = {"conf": {**ANSWERS, "dry_run": True}, "user": "officer", "xcom": {"return_value": OUTCOME}}
    add_task(office.airflow, STOP, "stop", **dry, **DONE)
    browser = office.as_("officer")
    page = browser.get(f"/acts/{STOP}/runs/{RUN}").text
    assert "预演结果" in page
    assert OUTCOME["变动"][0] in page
    assert "确认登记" in page
    assert f'data-run="{confirming(RUN)}"' in page

    entered = {"conf": {**ANSWERS, "dry_run": False}, "xcom": {"return_value": OUTCOME}}
    add_task(office.airflow, STOP, "stop", run_id=confirming(RUN), **entered, **DONE)
    assert "确认登记" not in browser.get(f"/acts/{STOP}/runs/{RUN}").text
    assert "办理结果" in browser.get(f"/acts/{STOP}/runs/{confirming(RUN)}").text


def test_without_a_change_there_is_nothing_to_confirm(office: Web) -> None:
    nothing = {"return_value": {**OUTCOME, "变动": []}}
    add_task(office.airflow, STOP, "stop", conf={**ANSWERS, "dry_run": True}, xcom=nothing, **DONE)
    assert "确认登记" not in office.as_("officer").get(f"/acts/{STOP}/runs/{RUN}").text


def test_a_refusal_is_told_in_its_own_sentence_with_the_way_back(office: Web) -> None:
    add_task(
        office.airflow,
        STOP,
        "stop",
        conf={**ANSWERS, "dry_run": True},
        state=TaskInstanceState.FAILED,
        run_state=DagRunState.FAILED,
        xcom={"fault": "没有停止发送，无需恢复"},
    )
    page = office.as_("officer").get(f"/acts/{STOP}/runs/{RUN}").text
    assert "没有停止发送，无需恢复" in page
    assert "确认登记" not in page
    assert f"/acts/{STOP}?campaign=wushen_2024&amp;scope=campaign&amp;why=" in page
    assert f"/dags/{STOP}/runs/{RUN}/tasks/stop" in page


def test_a_run_under_way_says_how_far_it_is(office: Web) -> None:
    add_task(office.airflow, PHASE, "open_obligations", conf={"dry_run": True})
    add_task(office.airflow, PHASE, "show_plan", state=TaskInstanceState.RUNNING)
    page = office.as_("officer_of_one").get(f"/acts/{PHASE}/runs/{RUN}").text
    assert "正在预演" in page
    assert "1 / 2 步" in page
    assert "data-unfinished" in page


def test_a_run_for_another_campaign_is_not_shown(office: Web) -> None:
    add_task(office.airflow, STOP, "stop", conf={**ANSWERS, "campaign": "anhui_2024"})
    assert office.as_("officer_of_one").get(f"/acts/{STOP}/runs/{RUN}").status_code == 403


def form(**schemas: Any) -> Form:
    listed = tuple((name, schema.pop("default", None), schema) for name, schema in schemas.items())
    return Form("desk_x", "x", "", False, listed)


@pytest.mark.parametrize(
    ("schema", "kind", "is_needed"),
    [
        ({"type": "string", "enum": ["a"]}, "choice", True),
        ({"type": ["null", "string"], "enum": [None, "a"]}, "choice", False),
        ({"type": "string", "format": "date"}, "day", True),
        ({"type": "integer", "minimum": 1}, "number", True),
        ({"type": ["null", "array"]}, "lines", False),
        ({"type": "string", "format": "multiline", "default": ""}, "long", False),
        ({"type": "boolean", "default": False}, "yes_no", True),
        ({"type": ["null", "string"]}, "words", False),
    ],
)
def test_how_a_field_is_drawn(schema: dict[str, Any], kind: str, is_needed: bool) -> None:
    (field,) = fields(form(x=schema), {}, ())
    assert (field.kind, field.is_needed) == (kind, is_needed)


def test_only_ones_own_campaigns_can_be_chosen_and_the_only_one_is() -> None:
    both = {"type": "string", "enum": ["a", "b"], "values_display": {"a": "甲", "b": "乙"}}
    (field,) = fields(form(campaign=both), {}, ["b"])
    assert field.options == (("b", "乙"),)
    assert field.value == "b"


def test_the_dry_run_is_no_field_and_sections_keep_their_order() -> None:
    drawn = fields(
        form(a={"section": "二"}, b={"section": "一"}, c={"section": "二"}, dry_run={"type": "boolean"}),
        {},
        (),
    )
    assert {name: [each.name for each in found] for name, found in sections(drawn).items()} == {
        "二": ["a", "c"],
        "一": ["b"],
    }


def test_what_was_filled_in_reads_as_it_did_on_the_form() -> None:
    asked = form(
        which={"enum": ["a"], "values_display": {"a": "甲"}, "title": "哪一个"},
        units={"type": "array", "title": "单位"},
        blank={"title": "空"},
    )
    said = in_words(asked, {"which": "a", "units": ["P1", "P2"], "blank": "", "dry_run": True})
    assert said == [("哪一个", "甲"), ("单位", "P1\nP2")]


@pytest.mark.parametrize(
    ("grant", "dag_id", "may"),
    [
        (Grant(role=Role.ADMIN), "collect_returns", True),
        (Grant(role=Role.OFFICER), "desk_case_decide", True),
        (Grant(role=Role.OFFICER, campaigns=("wushen_2024",)), PHASE, True),
        (Grant(role=Role.OFFICER, campaigns=("wushen_2024",)), "anhui_2024__self_check", False),
        (Grant(role=Role.OFFICER, campaigns=("wushen_2024",)), "collect_returns", False),
        (Grant(role=Role.OFFICER, regions=("150626",)), "desk_tip_register", False),
        (Grant(role=Role.HOTLINE), "desk_tip_register", True),
        (Grant(role=Role.HOTLINE), "desk_sending_stop", False),
        (Grant(role=Role.ADMIN), "desk_contact_call", True),
        (Grant(role=Role.OFFICER), "desk_contact_call", True),
        (Grant(role=Role.HOTLINE), "desk_contact_call", False),
        (Grant(role=Role.APPROVER), "desk_contact_call", False),
        (Grant(role=Role.VIEWER, regions=("150626",)), "desk_contact_call", False),
        (Grant(role=Role.APPROVER), PHASE, False),
        (Grant(role=Role.AUDITOR), PHASE, False),
        (Grant(role=Role.VIEWER, regions=("150626",)), "desk_tip_register", False),
    ],
)
def test_who_may_start_what(grant: Grant, dag_id: str, may: bool) -> None:
    assert grant.may_start(dag_id) is may
