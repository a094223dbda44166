"""
# 结算数据筛查（全部专项行动）

逐个地市读取结算数据（同一地市的各县放在一起，跨县就医才看得出来），按筛查规则找出疑点，登记为疑点线索；疑点不等于违规，须逐条核查。

| | |
|---|---|
| 何时运行 | 配置了结算数据目录（DUBAN_SETTLEMENTS）的，每月第一个工作日；没有配置的不自动运行 |
| 新数据到达 | 数据交换程序送完一批数据后，在 Airflow 登记数据资产 duban_settlements 的更新事件（网页“资产”，或接口 POST /api/v2/assets/events），随即运行一次 |
| 进度 | 一个地市一格，格上标明地市；任务日志逐条写明“第几条规则/共几条” |
| 数据来源 | 目录中的文件；写明数据库连接（DUBAN_SETTLEMENT_CONNECTION）的，先按区划、月份读入目录，已读完且条数未变的不再读 |
| 数据不合格 | 缺列、缺主键、金额对不上、月份不符的分区拒收，原因写在任务日志中；不影响其他分区 |
| 手工运行 | 默认**只预演**：列出各规则疑点条数和会登记的线索条数；确认后关闭“只预演，不登记”再运行 |
| 线索交办 | 每个承办单位一封邮件，附本批线索的佐证附件（人员以代号表示）；同一批不会重复发 |
| 重点品种趋势 | 有重点品种清单（key_items）的，各机构逐月金额、较前十二个月中位数和上年同月的增长，写到数据目录的 screening 下 |
| 规则提示 | 某规则已核查的线索多数不属实的，在任务结果“规则提示”、日志和附件中写明 |
| 重复运行 | 同样的数据再筛查一次，不会重复登记线索 |
| 时限 | 读入和每个地市各至多若干小时（DUBAN_SCREENING_HOURS，默认6小时） |
| 失败怎么办 | 一个地市一个任务，看失败任务日志最后一行，处理后“清除”该任务（连同下游）重跑即可，其他地市不必重跑 |
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import chain

from include.wiring import Run, running, screen_dag, screening_time, work
from include.wiring.airflow_dag import dag

TIME = screening_time()


@dag(**screen_dag(__doc__))
def screen_settlements() -> None:
    """Register the one DAG that screens settlement data, a task for each city."""

    @work("从本局数据库读入结算数据", retries=2, execution_timeout=TIME)
    def read_database(run: Run) -> dict[str, int]:
        """Partition by partition; what is complete is not read again, so a task tried again goes on."""
        from include.wiring.screening import read_database as read

        return read(dry_run=run.is_rehearsal)

    @work("列出有数据的地市", retries=1)
    def list_areas(run: Run) -> list[str]:
        """None where no data are configured."""
        from include.wiring.screening import areas

        return areas()

    @work(
        "筛查一个地市，登记疑点线索",
        retries=1,
        execution_timeout=TIME,
        max_active_tis_per_dagrun=1,
        map_index_template="地市{{ task.op_kwargs['part'] }}",
    )
    def screen_area(run: Run, area: str) -> dict[str, dict]:
        """One city at a time: an engine takes the whole machine, and clue numbers are given in turn."""
        from include.wiring.screening import screen

        return screen(run, area)

    @work("向承办单位发线索批次", retries=1, trigger_rule="all_done")
    def hand_over(run: Run, results: Any) -> dict[str, dict]:
        """One mail a unit with its clues of the day; cities that failed follow once they are cleared."""
        from include.wiring.screening import hand_over as to_units

        return to_units(run, results)

    @work("发送线索批次", retries=1, trigger_rule="all_done")
    def deliver_batches(run: Run) -> dict[str, dict]:
        """Send what is planned and still wanted, each once."""
        from include.steps import deliver

        return {} if run.is_rehearsal else running(run.on).each(deliver.notices, on=run.on, using=run.using)

    @work("汇总筛查结果", retries=1, trigger_rule="none_failed")
    def tally(run: Run, results: Any) -> dict[str, dict[str, int]]:
        """Last, and only when every city is done: a run in which one failed has failed."""
        from include.wiring.screening import tally as summed_up

        return summed_up(results)

    listed = list_areas()
    chain(read_database(), listed)
    screened = screen_area.expand(part=listed)
    chain(hand_over(screened), deliver_batches(), tally(screened))


screen_settlements()
