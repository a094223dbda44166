"""What each role meets at the real API server with the FAB auth manager, entered by the deployment's own script."""

from __future__ import annotations

from datetime import date

import pytest

from demo.cluster import Cluster
from demo.environment import ADMIN, AUDITOR, BRANCH, DIRECTOR, HOTLINE, STAFF
from demo.rest import Refused
from demo.runs import Runs

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module", autouse=True)
def read_in(cluster: Cluster) -> None:
    """The DAG processor needs a while for its first round; until then nobody may see anything."""
    with cluster.api(ADMIN) as api:
        for dag_id in ("collect_returns", "desk_sending_stop"):
            Runs(api).wait_for_dag(dag_id)


def status(cluster: Cluster, user: str, method: str, path: str, body: object = None) -> int:
    """The HTTP status of a call of Airflow's API."""
    with cluster.api(user) as api:
        try:
            api._call(method, path, **({"json": body} if body is not None else {}))
        except Refused as refused:
            return refused.status
    return 200


@pytest.mark.parametrize(
    ("user", "path", "is_open"),
    [
        (ADMIN, "/connections", True),
        (STAFF, "/connections", False),
        (STAFF, "/dags/collect_returns", True),
        (DIRECTOR, "/dags/collect_returns", True),
        (AUDITOR, "/dags/collect_returns", True),
        (HOTLINE, "/dags/collect_returns", False),
        (BRANCH, "/dags/collect_returns", False),
        (BRANCH, "/dags/~/dagRuns", False),
        (BRANCH, "/variables", False),
        (AUDITOR, "/eventLogs", True),
        (STAFF, "/eventLogs", False),
    ],
)
def test_what_a_role_may_read(cluster: Cluster, user: str, path: str, is_open: bool) -> None:
    assert status(cluster, user, "GET", path) == (200 if is_open else 403)


@pytest.mark.parametrize(
    ("user", "may"), [(STAFF, True), (HOTLINE, False), (DIRECTOR, False), (AUDITOR, False), (BRANCH, False)]
)
def test_who_may_stop_sending(cluster: Cluster, user: str, may: bool) -> None:
    form = {
        "campaign": "wushen_2024",
        "scope": "campaign",
        "why": "核对名册",
        "on": date(2024, 5, 24).isoformat(),
        "dry_run": True,
    }
    body = {"logical_date": None, "conf": form}
    assert status(cluster, user, "POST", "/dags/desk_sending_stop/dagRuns", body) == (200 if may else 403)


@pytest.mark.parametrize(
    ("user", "may"), [(STAFF, True), (DIRECTOR, True), (HOTLINE, False), (AUDITOR, False), (BRANCH, False)]
)
def test_who_may_answer_a_task_that_waits(cluster: Cluster, user: str, may: bool) -> None:
    """经办 is a hand of the staff; the run is not there, so whoever may answer learns that much."""
    path = "/dags/wushen_2024__self_check/dagRuns/none/taskInstances/approve_sending/-1/hitlDetails"
    body = {"chosen_options": ["同意发送"], "params_input": {}}
    assert status(cluster, user, "PATCH", path, body) == (404 if may else 403)


@pytest.mark.parametrize("user", [ADMIN, STAFF, DIRECTOR, HOTLINE, AUDITOR, BRANCH])
def test_everybody_named_sees_the_desk_and_a_stranger_does_not(cluster: Cluster, user: str) -> None:
    with cluster.api(user) as api:
        token = api.token()
        page = api._http.get("/duban/", headers={"Authorization": f"Bearer {token}", "accept": "text/html"})
        assert page.status_code == 200
        assert user in page.text
        assert api._http.get("/duban/", headers={"accept": "application/json"}).status_code == 401
