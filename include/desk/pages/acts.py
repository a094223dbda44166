"""办理: what somebody may do by hand, its form, and what became of it. The doing itself is a run of Airflow's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from include.desk import act_form, airflow_acts
from include.desk.airflow_state import AirflowState
from include.desk.paper import address, root_of, show
from include.desk.session import NO_RIGHT, Seen, Visitor
from include.domain.access import OF_THE_DESK, Right
from include.domain.errors import NotFound

router = APIRouter()

GROUPS = {
    "sending": "发送",
    "contact": "电话催办",
    "limit": "期限",
    "waiver": "规则豁免",
    "return": "报送件",
    "campaign": "专项行动",
    "screening": "筛查参数",
    "inspection": "检查",
    "rectification": "整改",
    "clue": "线索",
    "tip": "举报",
    "case": "案件",
    "referral": "移送",
    "blacklist": "黑名单",
    "survey": "看板",
}
"""Headings by the second word of an act's id, in the order of a day's work; others come last, under 其他."""
WORK = (
    "list", "call", "stop", "suspend", "amend", "holder", "register", "progress", "refund", "accept", "assign", "claim",
    "grant", "investigate", "notify", "link", "decide", "execute", "result", "reply", "feedback", "answer", "due",
    "extend", "pause", "resume", "confirm", "settle", "again", "set", "halt", "remove", "revoke",
)  # fmt: skip
"""The third words of acts' ids, in the order in which one follows the other."""
SHARED = ("collect_returns", "follow_registers", "pull_feeds", "screen_settlements")
PREFIX = "登记·"
NO_ACT = "没有这项办理事项，或它还没有读入；请从“办理”页进入。"
NO_RUN = "没有这次办理。"


@router.get("/acts")
def acts(request: Request, who: Seen, airflow: AirflowState) -> Response:
    who.demand(Right.ACT)
    titles = {key: title for key, title in airflow_acts.titles(airflow).items() if who.grant.may_start(key)}
    return show(
        request,
        "acts.html.j2",
        who,
        groups=_groups(titles),
        campaigns=list(_of_campaigns(who, titles)),
        shared=[(key, titles[key]) for key in SHARED if key in titles],
    )


@router.get("/acts/{dag_id}")
def act(request: Request, who: Seen, airflow: AirflowState, dag_id: str) -> Response:
    _demand(who, dag_id)
    form = airflow_acts.form(airflow, dag_id)
    if form is None:
        raise NotFound(NO_ACT)
    drawn = act_form.fields(form, _filled(request, who), [each.id for each in who.campaigns])
    return show(
        request,
        "act.html.j2",
        who,
        form=form,
        title=_short(form.title),
        sections=act_form.sections(drawn),
        is_dry_first=act_form.can_be_looked_at(form),
        is_of_desk=dag_id.startswith(OF_THE_DESK),
    )


@router.get("/acts/{dag_id}/runs/{run_id:path}")
def act_run(request: Request, who: Seen, airflow: AirflowState, dag_id: str, run_id: str) -> Response:
    _demand(who, dag_id)
    run = airflow_acts.run(airflow, dag_id, run_id)
    form = airflow_acts.form(airflow, dag_id)
    if run is None or form is None:
        raise NotFound(NO_RUN)
    if run.campaign_id:
        who.demand(Right.ACT, run.campaign_id)
    entered = airflow_acts.run(airflow, dag_id, confirming(run_id)) if run.is_dry else None
    return show(
        request,
        "act_run.html.j2",
        who,
        run=run,
        title=_short(run.title),
        said=act_form.in_words(form, run.values),
        again=address(f"{root_of(request)}/acts", dag_id, **_handed_on(run.values)),
        confirming=confirming(run_id),
        entered=entered,
        names={key: each.title for key, each in who.using.forms.items()},
        is_of_desk=dag_id.startswith(OF_THE_DESK),
    )


def confirming(run_id: str) -> str:
    """The id of the run that enters what a dry run has shown; Airflow takes an id once, so nothing is entered twice."""
    return f"confirmed__{run_id.removeprefix('manual__')}"


def _demand(who: Visitor, dag_id: str) -> None:
    if not who.grant.may_start(dag_id):
        raise HTTPException(403, NO_RIGHT.format(role=who.grant.role.zh, right=Right.ACT.zh))


def _filled(request: Request, who: Visitor) -> dict[str, Any]:
    """What the link handed over; the day looked at is the day it is done for, unless that is today."""
    day = {} if who.is_today else {"on": who.on.isoformat()}
    return {**day, **{name: value for name, value in request.query_params.items() if value}}


def _handed_on(values: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in, for the form to be filled in with again."""
    return {
        name: "\n".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in values.items()
        if name != act_form.DRY_RUN and value not in (None, "")
    }


def _groups(titles: Mapping[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The acts of the desk under their headings."""
    found: dict[str, list[tuple[str, str]]] = {each: [] for each in GROUPS}
    for key in sorted((each for each in titles if each.startswith(OF_THE_DESK)), key=_place):
        group = key.split("_")[1]
        title = _short(titles[key]).removeprefix(f"{GROUPS.get(group)}：")
        found.setdefault(group, []).append((key, title))
    return [(GROUPS.get(name, "其他"), listed) for name, listed in found.items() if listed]


def _place(key: str) -> tuple[int, str]:
    verb = key.removeprefix(OF_THE_DESK).partition("_")[2].partition("_")[0]
    return (WORK.index(verb) if verb in WORK else len(WORK), key)


def _of_campaigns(
    who: Visitor, titles: Mapping[str, str]
) -> Iterable[tuple[str, bool, list[tuple[str, str]], list[tuple[str, str]]]]:
    """A campaign's title, whether it is under way, its phases and its reports, each with the id of its DAG."""
    for campaign in who.campaigns:
        phases = [(campaign.dag_id(each), each.title) for each in campaign.phases]
        reports = [(campaign.report_dag_id(each), each.title) for each in campaign.reports]
        there = [[each for each in listed if each[0] in titles] for listed in (phases, reports)]
        if any(there):
            is_under_way = any(each.start <= who.on <= each.due for each in campaign.phases)
            yield campaign.title, is_under_way, there[0], there[1]


def _short(title: str) -> str:
    """Without the word that marks an act among Airflow's DAGs."""
    return title.removeprefix(PREFIX)
