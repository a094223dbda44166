"""Visits to a clinic or a pharmacy on days on which the person lay in hospital."""

from __future__ import annotations

from ibis.expr.types import Table

from include.screening.data import Data, in_cents
from include.screening.measures import visits_of

MATERNITY = "52"
"""Mother and newborn have one card between them."""


def visits_inside_stays(data: Data, margin: int) -> Table:
    """Visits with the stay around them (``stay hospital stay_region admitted discharged stay_fund``), once per stay;
    at least ``margin`` days after admission and before discharge. Without tests done elsewhere on referral and without
    purchases paid by a relative's account.
    """
    visits = visits_of(data, "outpatient", "pharmacy")
    referred = data.lines.filter(data.lines.etip_flag == "1")
    visits = visits.filter(visits.shared == 0).anti_join(referred, "mdtrt_id")
    stays = data.stays.filter(data.stays.med_type != MATERNITY)
    stays = stays.select(
        "psn_no",
        stay="mdtrt_id",
        hospital="fixmedins_code",
        stay_region="region",
        admitted="begin",
        discharged="end",
        stay_fund=in_cents(stays.fund_pay_sumamt),
    )
    both = visits.inner_join(stays, "psn_no")
    day = both.begin.epoch_days()
    return both.filter(
        (day - both.admitted.epoch_days() >= margin) & (both.discharged.epoch_days() - day >= margin)
    )
