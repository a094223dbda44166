"""One campaign as a visitor sees it: its facts, the part of its survey that is theirs, the phase looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from include.desk.paper import address
from include.desk.session import Visitor
from include.domain.campaign import Campaign, Phase
from include.domain.glances import Show
from include.domain.milestones import Projection
from include.domain.survey import Survey
from include.steps import survey as step


@dataclass(frozen=True)
class View:
    """``survey`` is None before the first was taken. ``root`` is where the desk's own addresses begin."""

    campaign: Campaign
    survey: Survey | None
    phase: Phase
    who: Visitor
    root: str

    @property
    def on(self) -> date:
        return self.who.on

    @property
    def is_stale(self) -> bool:
        return self.survey is not None and self.survey.is_stale(self.who.using.now())

    @cached_property
    def milestones(self) -> list[Projection]:
        return step.milestones(self.campaign, self.survey, self.who.using) if self.survey else []

    @cached_property
    def returns(self) -> Projection | None:
        """The returns of the phase looked at, carried on to its last day."""
        if self.survey is None:
            return None
        return step.all_returns(self.campaign, self.phase, self.survey, self.who.using)

    @property
    def about(self) -> str:
        """What an exported table says it is."""
        taken = f"数据截至{self.survey.taken_at:%Y-%m-%d %H:%M}" if self.survey else "尚无看板数据"
        return f"{self.campaign.title}；{taken}" + ("；限所辖区划" if self.who.regions else "")

    def page(self, phase: Phase | None = None) -> str:
        return address(f"{self.root}/campaigns", self.campaign.id, phase=phase and phase.key)

    def page_of(self, key: str) -> str:
        """The campaign's page at that phase; for another key at the phase under way."""
        return self.page(next((each for each in self.campaign.phases if each.key == key), None))

    def picture(self, name: str, *, narrow: bool = False) -> str:
        return address(
            f"{self.root}/campaigns",
            self.campaign.id,
            "pictures",
            name,
            phase=self.phase.key,
            narrow=1 if narrow else None,
        )

    def units(self, show: Show = Show.ALL, **narrowed: str | None) -> str:
        """The list of units behind a number."""
        return address(f"{self.root}/units", campaign=self.campaign.id, show=show.value, **narrowed)


def look(who: Visitor, campaign_id: str, phase_key: str | None, root: str) -> View:
    """Raise NotFound for a campaign the visitor may not see. An unknown phase is as if none were asked for."""
    campaign = who.campaign(campaign_id)
    survey = who.office.answers.recent(
        ("survey", campaign.id, who.regions),
        lambda: step.read(campaign, regions=who.regions, using=who.using),
    )
    asked = [each for each in campaign.phases if each.key == phase_key]
    return View(campaign, survey, asked[0] if asked else campaign.phase_on(who.on), who, root)
