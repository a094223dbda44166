"""The words a skeleton's templates may use: figures with their units, comparisons, lists without the zeros."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.loaders import FileSystemLoader
from jinja2.sandbox import SandboxedEnvironment

from include.domain.campaign import Campaign, CampaignKind, Milestone, UpwardReport
from include.domain.dates import zh_date
from include.domain.documents import PrintedUnit
from include.domain.occasions import Occasion
from include.domain.reports import Scope, Snapshot
from include.gateways.documents.faults import BadDocument
from include.gateways.documents.printed_numbers import Figures, Number
from include.gateways.letters import book_title, sentence

_PERSONAL = re.compile(r"(?<!\d)(\d{17}[\dXx]|1[3-9]\d{9})(?!\d)")

Wanted = tuple[str, str, PrintedUnit]
"""What is counted, in words (约谈); its indicator; how it is printed."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A milestone (进度节点) against its figure."""

    title: str
    due: date
    target: Number
    reached: Number
    is_past: bool

    @property
    def is_met(self) -> bool:
        return self.reached >= self.target

    @property
    def gap(self) -> Number:
        return Number(self.target.value - self.reached.value, "个百分点")


class Sentences:
    """Templates rendered for one edition. What goes wrong names document, section and token."""

    def __init__(
        self,
        campaign: Campaign,
        report: UpwardReport,
        occasion: Occasion,
        snapshot: Snapshot,
        figures: Figures,
        environment: SandboxedEnvironment,
    ) -> None:
        self.campaign = campaign
        self.figures = figures
        self.until = snapshot.taken_on
        self._report = report
        self._environment = environment
        self._words = self._facts(occasion, snapshot) | self._functions()

    def render(self, template: str, section: str) -> list[str]:
        """The paragraphs; none where every condition in the template is false. Points begin with “- ”."""
        try:
            text = self._environment.from_string(template).render(self._words)
        except BadDocument as fault:
            raise BadDocument(f"{self._where(section)}{fault}，请补充数据后重新编制") from fault
        except (TemplateError, AttributeError, TypeError, ValueError) as mistake:
            raise BadDocument(f"{self._where(section)}模板有误，更正后重新编制：{mistake}") from mistake
        if found := _PERSONAL.search(text):
            shown = found.group()
            raise BadDocument(
                f"{self._where(section)}出现疑似身份证号或手机号“{shown[:3]}…”，公文中不得写入个人信息，请删去"
            )
        return _paragraphs(text)

    def line(self, template: str, section: str) -> str:
        """The template as one line, such as a title."""
        return "".join(self.render(template, section))

    def progress(self) -> list[Progress]:
        """Every milestone the campaign has, in the order of their days."""
        found = [self._progress(each) for each in self.campaign.milestones]
        return sorted(found, key=lambda each: each.due)

    def _where(self, section: str) -> str:
        return f"书面报告“{self._report.title}”的“{section}”："

    def _progress(self, milestone: Milestone) -> Progress:
        return Progress(
            title=milestone.title,
            due=milestone.due,
            target=Number(milestone.target * 100, "%"),
            reached=self.figures.number(milestone.indicator, "%"),
            is_past=milestone.due <= self.until,
        )

    def _facts(self, occasion: Occasion, snapshot: Snapshot) -> dict[str, Any]:
        campaign = self.campaign
        place = _place(campaign)
        return {
            "campaign": campaign,
            "report": self._report,
            "occasion": occasion,
            "period": snapshot.period,
            "until": zh_date(self.until),
            "year": campaign.starts_on.year,
            "lead": campaign.lead.name,
            "addressee": _addressee(campaign, self._report),
            "place": place,
            "we": f"我{place[-1]}",
            "matter": campaign.title.replace(place, ""),
            "units": _units(campaign),
            "basis": _basis(campaign),
            "task": "专项治理" if campaign.kind is CampaignKind.SPECIAL_GOVERNANCE else "专项整治",
            "periodic": self._report.cadence in ("quarterly", "periodic"),
            "now": "本季度" if self._report.cadence == "quarterly" else "本期",
            "begun": [each for each in campaign.phases if each.start <= self.until],
        }

    def _functions(self) -> dict[str, Any]:
        return {
            "total": self.figures.number,
            "this": self._this,
            "change": self._change,
            "listed": self._listed,
            "largest": self._largest,
            "parts": self._parts,
            "progress": self.progress,
        }

    def _this(self, key: str, unit: PrintedUnit, **place: str) -> Number:
        return self.figures.number(key, unit, Scope.THIS, **place)

    def _change(self, key: str, unit: PrintedUnit) -> str:
        """“，较上期增加3家”; empty before the second edition."""
        last = "上期" if self._report.cadence in ("quarterly", "periodic") else "上次报告"
        now, before = self.figures.number(key, unit), self.figures.before(key, unit)
        if before is None:
            return ""
        if now == before:
            return f"，与{last}持平"
        up = now > before
        by = (now - before) if up else (before - now)
        if unit == "%":
            return f"，较{last}{'提高' if up else '下降'}{Number(by.value, '个百分点')}"
        return f"，较{last}{'增加' if up else '减少'}{by}"

    def _listed(self, *wanted: Wanted, scope: str = "cumulative") -> str:
        """“约谈3家、中止协议2家”, without what is 0; empty where all are 0. Each must exist."""
        numbers = [(words, self.figures.number(key, unit, Scope(scope))) for words, key, unit in wanted]
        return "、".join(f"{words}{number}" for words, number in numbers if number)

    def _largest(self, key: str, unit: PrintedUnit, by: str, most: int = 3) -> str:
        """The largest members by name: “重复收费12.30万元、超标准收费8.00万元”."""
        members = sorted(self.figures.members(key, unit, by), key=lambda each: -each[1].value)
        return "、".join(f"{name}{number}" for name, number in members[:most])

    def _parts(self, key: str, unit: PrintedUnit, by: str = "unit_kind") -> str:
        """Every member that is not 0: “定点医疗机构12家、定点零售药店30家”."""
        return "、".join(f"{name}{number}" for name, number in self.figures.members(key, unit, by))


def environment(folder: str) -> SandboxedEnvironment:
    """Templates reach facts and figures and nothing else; a name they do not have is an error."""
    made = SandboxedEnvironment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "zh_date": zh_date,
        "book_title": book_title,
        "sentence": sentence,
        "bare": lambda words: words.strip().rstrip("。；"),
    }
    return made


def _paragraphs(text: str) -> list[str]:
    """Blank lines part paragraphs; lines within one are put together, for Chinese has no space between them."""
    found: list[str] = []
    joins = False
    for line in (each.strip() for each in text.splitlines()):
        if not line:
            joins = False
        elif joins and not line.startswith("- "):
            found[-1] += line
        else:
            found.append(line)
            joins = True
    return found


def _place(campaign: Campaign) -> str:
    """The region as its office calls it: 内蒙古自治区鄂尔多斯市乌审旗 → 乌审旗."""
    region = campaign.region_name
    names = (region[start:] for start in range(len(region)))
    return next((each for each in names if campaign.lead.name.startswith(each)), region)


def _addressee(campaign: Campaign, report: UpwardReport) -> str:
    """One office (上行文只写一个主送机关): the report's, or the bureau above where the report stays in the house."""
    to = re.sub(r"（.*?）", "", report.to)
    if to == campaign.lead.name and campaign.upper is not None:
        return campaign.upper.name
    return to


def _basis(campaign: Campaign) -> str:
    """The nearest paper from above with its number, else the campaign's own notice: 《…》（…号）."""
    for cited in reversed(campaign.notice.upper_documents):
        title, bracket, number = cited.partition("（")
        if bracket and "〔" in number:
            inner = title.replace("<", "〈").replace(">", "〉")
            return f"{book_title(inner)}（{number}"
    number = f"（{campaign.notice.doc_no}）" if campaign.notice.doc_no else ""
    return f"{book_title(campaign.notice.title)}{number}"


def _units(campaign: Campaign) -> str:
    """Whom the returns come from, in one word: 定点医药机构, or 两类机构 where an agency is supervised too."""
    if "handling_agency" in campaign.supervised:
        return "医保经办机构和定点医疗机构"
    return "定点医药机构" if "retail_pharmacy" in campaign.supervised else "定点医疗机构"
