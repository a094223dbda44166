"""A component that stays away: the operator is told once, and once of its return."""

from __future__ import annotations

import pytest

from demo.cluster import Cluster
from tests.cluster.office import Office

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

AWAY = {
    "api-server": (("api-server",), ("Airflow 无法访问",)),
    "redis": (("redis",), ("没有 worker 办理任务",)),
    "workers": (("worker-1", "worker-2"), ("没有 worker 办理任务",)),
    "postgres": (("postgres",), ("台账数据库无法使用", "Airflow 无法访问")),
    "schedulers": (("scheduler-1", "scheduler-2"), ("调度器停止工作",)),
    "dag-processor": (("dag-processor",), ("流程解析器（dag-processor）停止工作",)),
}


@pytest.mark.parametrize(("killed", "titles"), AWAY.values(), ids=AWAY)
def test_the_operator_is_told_once_of_what_stays_away(
    killed: tuple[str, ...], titles: tuple[str, ...], cluster: Cluster, office: Office
) -> None:
    with office.told_once(titles[0]):
        for name in killed:
            cluster.kill(name)
        office.hears_of(*titles)
        cluster.revive()
        cluster.wait_until_healthy(300)
