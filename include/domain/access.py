"""Who of the office may see and do what on the desk, and for which campaigns or regions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from include.domain.model import Key, Strict, Text

OF_TIPS = ("desk_tip", "desk_clue")
"""How the ids of the acts begin that a hotline officer fills in."""
OF_THE_DESK = "desk_"


class Right(StrEnum):
    """What a page or an act asks for."""

    SEE = "see"
    ACT = "act"
    SIGN = "sign"
    SEE_TIPSTERS = "see_tipsters"
    SEE_TRAIL = "see_trail"
    ADMINISTER = "administer"

    @property
    def zh(self) -> str:
        return _RIGHTS_ZH[self]


_RIGHTS_ZH = {
    Right.SEE: "查看",
    Right.ACT: "办理",
    Right.SIGN: "签批",
    Right.SEE_TIPSTERS: "查看举报人信息",
    Right.SEE_TRAIL: "查看操作留痕",
    Right.ADMINISTER: "系统管理",
}


class Role(StrEnum):
    """The roles of the office, each with its rights and no others."""

    ADMIN = "admin"
    OFFICER = "officer"
    APPROVER = "approver"
    HOTLINE = "hotline"
    AUDITOR = "auditor"
    VIEWER = "viewer"

    @property
    def zh(self) -> str:
        return _ROLES_ZH[self]

    @property
    def rights(self) -> frozenset[Right]:
        return _RIGHTS[self]


_ROLES_ZH = {
    Role.ADMIN: "管理员",
    Role.OFFICER: "督办员",
    Role.APPROVER: "审批人",
    Role.HOTLINE: "举报受理员",
    Role.AUDITOR: "审计员",
    Role.VIEWER: "县区查看员",
}

# Whoever keeps the system running need not know who reported whom.
_RIGHTS = {
    Role.ADMIN: frozenset({Right.SEE, Right.ACT, Right.SEE_TRAIL, Right.ADMINISTER}),
    Role.OFFICER: frozenset({Right.SEE, Right.ACT}),
    Role.APPROVER: frozenset({Right.SEE, Right.SIGN}),
    Role.HOTLINE: frozenset({Right.SEE, Right.ACT, Right.SEE_TIPSTERS}),
    Role.AUDITOR: frozenset({Right.SEE, Right.SEE_TRAIL}),
    Role.VIEWER: frozenset({Right.SEE}),
}


class Grant(Strict):
    """What one Airflow user may do. Without ``campaigns`` it holds for all, without ``regions`` for every county.

    A region is a division code or its beginning: 1506 is the city with all its counties (GB/T 2260).
    """

    role: Role
    post: Text | None = None
    campaigns: tuple[Key, ...] = ()
    regions: tuple[Text, ...] = ()

    def may(self, right: Right, campaign_id: str | None = None) -> bool:
        """Whether the right is held, for that campaign or at all."""
        return right in self.role.rights and (campaign_id is None or self.covers(campaign_id))

    def covers(self, campaign_id: str) -> bool:
        return not self.campaigns or campaign_id in self.campaigns

    def may_start(self, dag_id: str) -> bool:
        """Whether a run of that DAG may be started by hand: an act of the desk, one's campaigns' own, what serves all.

        A run knows no counties: who sees single ones only starts none.
        """
        if Right.ACT not in self.role.rights or self.regions:
            return False
        if self.role is Role.HOTLINE:
            return dag_id.startswith(OF_TIPS)
        campaign_id, _, phase = dag_id.partition("__")
        if phase:
            return self.covers(campaign_id)
        return dag_id.startswith(OF_THE_DESK) or not self.campaigns

    def sees_region(self, region_code: str) -> bool:
        return not self.regions or region_code.startswith(self.regions)


class Access(Strict):
    """The grants by Airflow user name. Who is not named has no access to the desk."""

    users: Mapping[str, Grant] = {}

    def of(self, user: str) -> Grant | None:
        return self.users.get(user)
