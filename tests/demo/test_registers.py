"""The lives of the demo, without its scheduler: every one comes to its end, and is not at it before."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from demo.registers import ENDS, Lives, endings
from demo.roster import demo_campaign, make_roster
from include.assembly import looking
from include.gateways.ledger.database import upgrade
from include.settings import Settings
from include.steps import follow


def test_every_life_comes_to_its_end_and_is_chased_on_the_way(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, send_mode="live", token_key="0123456789abcdef" * 4)  # type: ignore[arg-type]
    upgrade(settings.ledger_default_url)
    using = looking(settings, ledger_url=settings.ledger_default_url)
    campaign, roster = demo_campaign(), make_roster()
    using.ledger.roster.freeze(
        campaign.id, roster.units, roster.holders, on=date(2024, 5, 6), actor="test", source_sha256="0" * 64
    )

    class Day:
        """A run of the DAG, as its first task has it."""

        def wait_for_dag(self, dag_id: str) -> None:
            assert dag_id == "follow_registers"

        def run(self, dag_id: str, on: date) -> None:
            follow.records(campaign, on=on, using=using)

    said: list[str] = []
    runs: Any = Day()
    lives = Lives(campaign, runs, using, say=said.append)
    assert all(each.problem for each in endings(campaign, using))
    lives.enter()
    assert not lives.is_over()
    lives.enter()  # a demo that was interrupted begins again
    lives.chase()
    lives.end()
    ended = endings(campaign, using)
    assert [each.problem for each in ended] == [""] * (len(ENDS) + 1)
    assert lives.is_over()
    assert any("不在规定幅度内" in line for line in said)
    assert any("条例第四十条" in line for line in said)
    using.close()
