"""
# 从本局数据库导入台账

按各专项行动配置的数据源（campaign.yaml 的 feeds），用 Airflow 的数据库连接读取名册、下发线索、退费到账等，
与工作簿导入走同样的校验：有一处须改正的，这个数据源整份不登记。

| | |
|---|---|
| 何时运行 | 有数据源的，工作日7时30分；没有数据源的不自动运行 |
| 只读 | 只执行一条查询语句，参数另行绑定，不改动本局数据库；连接的账号只给查询权限 |
| 数据过时 | 装载时间超过 warn_after 小时的提示，超过 error_after 小时的拒绝导入；报表也不采用过时的数据 |
| 手工运行 | 默认**只预演**：列出会新增、修改多少条；确认后关闭“只预演，不登记”再运行 |
| 重复运行 | 同样的数据再导入一次，什么都不变 |
| 失败怎么办 | 看失败任务日志最后一行：写明哪个数据源、哪一行、哪一栏、应怎样填写；一个数据源出错不影响其他数据源和其他流程 |
"""

from __future__ import annotations

from include.wiring import Run, begun, feed_query, feed_source, pull_dag, work
from include.wiring.airflow_dag import dag


@dag(**pull_dag(__doc__))
def pull_feeds() -> None:
    """Register the one DAG that pulls the feeds of all campaigns."""

    @work("读取、校验、登记", retries=1)
    def pull(run: Run) -> dict[str, dict]:
        """Each feed by itself; one that is too old or in error is refused and stops no other."""
        from include.steps import pull as step

        return begun(run.on).each(
            step.feeds,
            source_of=feed_source,
            query_of=feed_query,
            on=run.on,
            dry_run=run.is_rehearsal,
            using=run.using,
        )

    pull()


pull_feeds()
