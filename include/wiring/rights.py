"""The office's own rights where Airflow knows only its own: who starts a run by hand, who answers for a post.

Asked only where there is an access file; a run by schedule is nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from include.domain.access import Access, Grant, Right
from include.domain.errors import GiveUp
from include.domain.sign_off import Hand
from include.gateways.access_file import AccessFile, BadAccessFile
from include.settings import Settings

EVERYTHING = "everything"
ASK = "请由有权人员办理，或请管理员在权限文件中登记"


def demand_start(dag_id: str, user: str, form: Mapping[str, Any]) -> None:
    """Raise GiveUp when the user may not start that run, or not for the campaign the form names."""
    access = _access()
    if access is None:
        return
    grant = access.of(user)
    if grant is None or not grant.may_start(dag_id):
        raise GiveUp(f"用户“{user}”没有办理这一项的权限，没有登记、没有发送任何内容；{ASK}")
    if not _covers(grant, form):
        raise GiveUp(f"用户“{user}”不能办理这个专项行动，没有登记任何内容；{ASK}")


def demand_answer(user: str, campaign_id: str, hand: Hand | None = None) -> None:
    """Raise GiveUp when the user may not answer: neither named for a post nor with the right to sign.

    Whoever does the work (办理) may put the first hand (经办) to a report; ``hand`` is None for a batch of mails.
    """
    settings = Settings()
    access = _access()
    if access is None or user in settings.approvers.values():
        return
    rights = (Right.SIGN, Right.ACT) if hand is Hand.PREPARED else (Right.SIGN,)
    grant = access.of(user)
    if grant is None or grant.regions or not any(grant.may(right, campaign_id) for right in rights):
        raise GiveUp(f"用户“{user}”没有签批的权限，本次意见不予登记；{ASK}")


def _covers(grant: Grant, form: Mapping[str, Any]) -> bool:
    campaign_id = form.get("campaign")
    if form.get("scope") == EVERYTHING and grant.campaigns:
        return False
    return campaign_id is None or grant.covers(campaign_id)


def _access() -> Access | None:
    """None where there is no access file. Raise GiveUp for one that cannot be used: it grants nothing."""
    file = AccessFile(Settings().access_file)
    if not file.path.exists():
        return None
    try:
        return file.access()
    except BadAccessFile as fault:
        raise GiveUp(str(fault)) from fault
