"""Persons of a screening by their numbers (人员编号): for posts that may see them, for a stated reason, on record first."""

from __future__ import annotations

from datetime import date

from include.domain.campaign import Campaign
from include.domain.desk import personal_data_in
from include.domain.errors import GiveUp
from include.domain.screening import MAY_SEE_PERSONS
from include.steps import named
from include.steps.ports import Gateways

LOOKED_UP = "筛查附件写出人员编号"


def put_on_record(
    campaign: Campaign, post: str, *, reason: str, source: str, on: date, using: Gateways, user: str = ""
) -> None:
    """Enter in the trail who is to see the persons of a source of data, and why.

    Raise GiveUp for a post that is not there or may not see them, and without a reason.
    """
    title = named.post(campaign, post)
    if not any(each.title == title and each.role in MAY_SEE_PERSONS for each in campaign.posts):
        raise GiveUp(f"岗位“{title}”不得查看人员编号；附件中的人员以代号表示，凭线索编号在台账中查对")
    if not reason.strip():
        raise GiveUp("人员编号只限核查所必需时查看，请用 --reason 写明理由")
    if personal_data_in({"reason": reason}):
        raise GiveUp("理由会记入留痕，不得写身份证号、手机号，请改写后再查看")
    using.ledger.screenings.disclosed(
        campaign.id,
        {"source": source},
        on=on,
        actor=named.signed(title, user),
        reason=f"{LOOKED_UP}：{reason.strip()}",
    )
