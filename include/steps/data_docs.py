"""Pages of the last checks for staff: every rule, how many returns kept it, and the rows that did not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from include.domain.batches import Batch
from include.domain.campaign import Campaign
from include.domain.returns import ReturnFile
from include.steps import recheck
from include.steps.ports import Gateways


def build(campaign: Campaign, folder: Path, *, last: int, using: Gateways) -> Path | None:
    """Validate the returns of the last checks (days) again, as of those days; return the first page.

    None when nothing has been checked yet. Enters nothing and writes to nobody.
    """
    checks = using.ledger.returns.newest_checks(campaign.id, last=last)
    batches = [batch for on, files in checks.items() for batch in _batches(campaign, on, files, using)]
    return using.data_docs.build(campaign.title, batches, folder) if batches else None


def _batches(campaign: Campaign, on: date, files: list[ReturnFile], using: Gateways) -> list[Batch]:
    opened = recheck.open_again(campaign, files, on=on, using=using)
    forms = {form.key: form for form, _, _ in opened.values()}
    return [
        Batch(
            on,
            form,
            {id_: reading for id_, (own, reading, _) in opened.items() if own.key == form.key},
            {id_: context for id_, (own, _, context) in opened.items() if own.key == form.key},
        )
        for form in forms.values()
    ]
