"""A year of synthetic settlement data of the demo's institutions, and the office's list of watched items."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from demo.roster import REGION
from demo.runs import Runs
from include.domain.campaign import Campaign
from include.rehearsal.rosters import FIRST_SERIAL
from include.rehearsal.settlements.base import DIAGNOSES, Setting, write
from include.steps import screening_look
from include.steps.ports import Gateways

DAG = "screen_settlements"
SCREENED_ON = date(2024, 9, 2)
"""The first working day of that month, as the schedule has it."""

LINES, PERSONS, INSTITUTIONS, ITEMS, WATCHED = 24_000, 400, 20, 300, 12
OF_ANYBODY = tuple(each for each in DIAGNOSES if not each.startswith("O"))
YEAR = Setting((REGION,), FIRST_SERIAL, "2023-09-01", ITEMS, OF_ANYBODY)
DEAD = [f"3505{number:012},2024-03-0{number + 1}" for number in range(3)]


def make(folder: Path) -> dict[str, str]:
    """Write them, once; return what the components are told of them."""
    lists = folder / "lists"
    if not lists.exists():
        write(folder, lines=LINES, seed=1, persons=PERSONS, institutions=INSTITUTIONS, setting=YEAR)
        lists.mkdir()
        codes = [f"XM{number:08}" for number in range(WATCHED)]
        for name, lines in (
            ("key_items", ["med_list_codg", *codes]),
            ("deaths", ["psn_no,death_date", *DEAD]),
        ):
            (lists / f"{name}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return {"DUBAN_SETTLEMENTS": str(folder), "DUBAN_SETTLEMENT_LISTS": str(lists)}


class Screening:
    """``say`` shows a line to whoever watches."""

    def __init__(
        self, campaign: Campaign, runs: Runs, using: Gateways, *, say: Callable[[str], None]
    ) -> None:
        self._campaign, self._runs, self._using, self._say = campaign, runs, using, say

    def perform(self) -> None:
        """The run of the month: rules, clues, a mail with the evidence to each handling unit."""
        self._runs.wait_for_dag(DAG)
        run_id = self._runs.run(DAG, SCREENED_ON, dry_run=False)
        told = self._runs.result(DAG, run_id, "tally")[self._campaign.id]
        [run, *_] = screening_look.runs(self._campaign, using=self._using)
        ran = [each for each in run.rules if not each.left_out]
        self._say(
            f"运行规则{len(ran)}条（另{len(run.rules) - len(ran)}条缺少本局清单）：疑点{run.hits}条，"
            f"新登记线索{told['新线索']}条，连同佐证附件交承办单位核查"
        )

    def is_over(self) -> bool:
        return any(
            each.ran_on == SCREENED_ON for each in screening_look.runs(self._campaign, using=self._using)
        )
