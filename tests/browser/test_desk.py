"""An office's day at a real Airflow, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from demo.environment import AUDITOR, BRANCH, DEPUTY, DIRECTOR, STAFF
from demo.runs import PARKED
from demo.stack import Stack
from tests.browser.conftest import ON, PHASE, REPORT, Visit, picture

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

LOOKING = f"on={ON}"


def confirm(page: Page, button: str) -> None:
    """The dry run first, then for good."""
    page.get_by_role("button", name="先预演").click()
    expect(page.get_by_role("heading", name="预演结果")).to_be_visible()
    page.get_by_role("button", name=button).click()


def test_one_logs_in_and_comes_back_to_the_page_asked_for(visit: Visit, stack: Stack) -> None:
    page = visit(None)
    page.goto("/duban/acts")
    assert "/auth/login" in page.url
    page.locator("input[name=username]").fill(STAFF)
    page.locator("input[name=password]").fill(stack.password(STAFF))
    page.locator("button[type=submit]").click()
    expect(page.get_by_role("heading", name="办理", exact=True)).to_be_visible()


def test_today_tells_what_is_overdue(visit: Visit) -> None:
    page = visit(STAFF)
    page.goto(f"/duban/?{LOOKING}")
    expect(page.get_by_role("heading", name="今日")).to_be_visible()
    expect(page.locator("main")).to_contain_text("逾期")
    picture(page, "today")


def test_a_unit_is_opened_and_an_act_on_it_is_filled_in(visit: Visit) -> None:
    page = visit(STAFF)
    page.goto(f"/duban/units?campaign=wushen_2024&{LOOKING}")
    page.get_by_role("link", name="示例单位1", exact=True).click()
    expect(page.get_by_role("heading", name="示例单位1")).to_be_visible()
    picture(page, "unit")
    page.get_by_role("link", name="暂停发信").click()
    assert page.get_by_label("机构编码").input_value() == "P15062600001"


def test_a_form_says_what_is_missing_before_anything_is_started(visit: Visit) -> None:
    page = visit(STAFF)
    page.goto("/duban/acts/desk_sending_stop?campaign=wushen_2024")
    page.get_by_role("button", name="先预演").click()
    expect(page.locator(".fault:visible")).to_have_count(2)
    assert page.url.endswith("desk_sending_stop?campaign=wushen_2024")


def test_sending_is_stopped_after_a_dry_run_and_let_go_again(visit: Visit) -> None:
    page = visit(STAFF)
    for act, why in (("desk_sending_stop", "核对名册"), ("desk_sending_resume", "名册已核对")):
        page.goto(f"/duban/acts/{act}?campaign=wushen_2024&scope=campaign&{LOOKING}")
        page.get_by_label("理由").fill(why)
        confirm(page, "确认登记")
        expect(page.get_by_role("heading", name="办理结果")).to_be_visible()
        expect(page.locator("#outcome")).to_contain_text("停止发送")
        picture(page, act)


def test_what_the_rules_refuse_is_said_in_one_sentence(visit: Visit) -> None:
    page = visit(STAFF)
    page.goto(
        "/duban/acts/desk_limit_extend?campaign=wushen_2024&register=tip&number=9&approved_by=office_director&why=x"
    )
    page.get_by_role("button", name="先预演").click()
    expect(page.locator("#outcome")).to_contain_text("没有编号“9”")
    expect(page.get_by_role("button", name="确认登记")).to_have_count(0)
    page.get_by_role("link", name="返回修改").click()
    assert page.get_by_label("编号").input_value() == "9"


def test_a_call_is_entered_from_the_unit_s_page_and_seen_there(visit: Visit) -> None:
    page = visit(STAFF)
    page.goto(f"/duban/units/wushen_2024/P15062600002?{LOOKING}")
    page.get_by_role("link", name="登记通话").click()
    page.get_by_label("通话结果").select_option("promised")
    page.get_by_label("拨打岗位").fill("office_staff")
    page.get_by_label("约定日期").fill("2024-06-07")
    picture(page, "call")
    confirm(page, "确认登记")
    expect(page.get_by_role("heading", name="办理结果")).to_be_visible()
    expect(page.locator("#outcome")).to_contain_text("承诺报送（2024-06-07）")
    page.goto(f"/duban/units/wushen_2024/P15062600002?{LOOKING}")
    expect(page.locator("#timeline .call")).to_contain_text("承诺报送（2024-06-07）")
    page.goto("/duban/calls?campaign=wushen_2024&on=2024-06-07")
    expect(page.locator("#calls")).to_contain_text("约定的日子已到")
    picture(page, "calls")


def test_a_phase_is_rehearsed_by_the_form_and_its_mails_wait_for_the_director(visit: Visit) -> None:
    page = visit(STAFF)
    page.goto(f"/duban/acts/{PHASE}?on=2024-05-24")
    page.get_by_role("button", name="先预演").click()
    expect(page.locator("#outcome")).to_contain_text("拟发送")
    picture(page, "phase")
    page.get_by_role("button", name="确认办理").click()
    expect(page.locator("#outcome")).to_contain_text("到审批页办理")

    page = visit(DIRECTOR)
    page.goto("/duban/approvals")
    page.get_by_role("link", name="批量发送审批").click()
    letter = page.frame_locator("iframe.letter").first
    expect(letter.locator("body")).to_contain_text("自查自纠")
    picture(page, "approve_sending")
    page.wait_for_timeout(1000 * PARKED)
    page.get_by_role("button", name="暂不发送").click()
    expect(page.locator(".fault:visible")).to_contain_text("须写明理由")
    page.get_by_label("意见").fill("样件称谓有误")
    page.get_by_role("button", name="暂不发送").click()
    expect(page.locator("main")).to_contain_text("已按意见办理")


def framed(page: Page) -> FrameLocator:
    """The desk in the frame Airflow draws around it, which fills the page below Airflow's own heads."""
    frame = page.locator("iframe[src*='/duban/']")
    box = frame.bounding_box()
    assert box is not None
    assert box["height"] > 500, "most of a screen of 900"
    assert box["y"] + box["height"] <= 901, "nothing hangs below the screen"
    assert box["width"] > 700
    return frame.content_frame


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        (f"/dags/{PHASE}/plugin/duban_dag", "专项整治"),
        (f"/dags/{REPORT}/plugin/duban_dag", "专项整治"),
        ("/dags/collect_returns/plugin/duban_dag", "今日"),
        ("/plugin/duban", "今日"),
    ],
)
def test_the_desk_stands_within_airflow_s_own_pages(visit: Visit, path: str, heading: str) -> None:
    page = visit(STAFF)
    page.goto(path)
    desk = framed(page)
    expect(desk.get_by_role("heading", level=1)).to_contain_text(heading)
    picture(page, f"framed_{path.strip('/').replace('/', '_')}")
    expect(desk.locator(".alone")).to_be_hidden()
    for drawing in desk.locator("img").all()[:1]:
        expect(drawing).not_to_have_js_property("naturalWidth", 0)


def test_the_tab_of_a_dag_leads_on_within_its_frame_and_out_of_it_to_airflow(visit: Visit) -> None:
    page = visit(STAFF)
    page.goto(f"/dags/{PHASE}")
    page.get_by_role("link", name="督办", exact=True).click()
    desk = framed(page)
    expect(desk.get_by_role("heading", level=1)).to_contain_text("专项整治")
    desk.get_by_role("link", name="机构", exact=True).click()
    expect(desk.get_by_role("heading", name="机构", exact=True)).to_be_visible()
    assert PHASE in page.url, "Airflow's own page stays where it was"
    desk.get_by_role("link", name="专项行动", exact=True).click()
    page.goto(f"/dags/{PHASE}/plugin/duban_dag")
    framed(page).locator("a[data-airflow]:visible").first.click()
    expect(page.locator("iframe[src*='/duban/']")).to_have_count(0)


def test_a_report_is_signed_by_three_persons(visit: Visit) -> None:
    page = visit(STAFF)
    page.goto(f"/duban/acts/{REPORT}?{LOOKING}")
    confirm(page, "确认办理")
    expect(page.locator("#outcome")).to_contain_text("到审批页办理")
    page.goto(f"/duban/approvals?{LOOKING}")
    page.locator(".asked a", has_text="经办").click()
    address = page.url
    for user, button, after in (
        (STAFF, "核对无误，送复核", f"由 {DIRECTOR} 办理"),
        (DIRECTOR, "复核同意，送审核", f"由 {DEPUTY} 办理"),
        (DEPUTY, "同意报送", "已报送"),
    ):
        page = visit(user)
        page.goto(address)
        expect(page.locator("main")).to_contain_text("勾稽关系全部相符")
        picture(page, f"sign_{user}")
        page.wait_for_timeout(1000 * PARKED)
        page.get_by_role("button", name=button).click()
        expect(page.locator("main")).to_contain_text(after)
    page.goto(address)
    picture(page, "signed")
    expect(page.locator(".hands .good")).to_have_count(3)
    assert page.request.get(f"{address.partition('?')[0]}/files/1").ok


def test_a_return_brought_by_hand_is_looked_at_and_handed_in(visit: Visit, stack: Stack) -> None:
    page = visit(STAFF)
    page.goto(f"/duban/units/wushen_2024/P15062600001?{LOOKING}")
    page.get_by_role("link", name="代为上传").click()
    assert page.get_by_label("机构编码").input_value() == "P15062600001"
    scan = {"name": "盖章.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 example"}
    for button, said in (("先看校验结果，不登记", "还没有登记"), ("登记收件", "已放入收件箱")):
        page.locator("input[type=file]").set_input_files(scan)  # type: ignore[arg-type]
        page.get_by_role("button", name=button).click()
        expect(page.locator("main")).to_contain_text(said)
        picture(page, f"upload_{said}")
    laid = stack.home / "duban" / "inbox" / "wushen_2024" / "by_hand" / STAFF
    assert [file.name for file in laid.glob("*/*")] == ["P15062600001_盖章.pdf"]
    answer = page.request.post(
        "/duban/forms/upload", headers={"Origin": "http://evil.example"}, form={"x": "y"}
    )
    assert answer.status == 403, "as a page of another site would"


@pytest.mark.parametrize("user", [BRANCH, AUDITOR])
def test_who_may_only_look_is_refused(visit: Visit, stack: Stack, user: str) -> None:
    page = visit(user)
    page.goto("/duban/acts/desk_sending_stop")
    expect(page.get_by_role("heading", name="没有权限")).to_be_visible()
    body = {"logical_date": None, "conf": {"campaign": "wushen_2024", "scope": "everything", "why": "x"}}
    answer = page.request.post("/api/v2/dags/desk_sending_stop/dagRuns", data=body)
    assert answer.status == 403


@pytest.mark.parametrize(
    "path",
    [
        "",
        "acts",
        "acts/desk_clue_result",
        "approvals",
        "calls",
        "units",
        "outbox",
        "reports",
        "forms",
        "forms/upload",
    ],
)
def test_nothing_is_wider_than_a_phone(visit: Visit, path: str) -> None:
    page = visit(STAFF, width=390)
    page.goto(f"/duban/{path}?{LOOKING}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
