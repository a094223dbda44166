"""Excel out and in: fill-in workbooks, what came back, and what goes back marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from include.domain.campaign import Campaign, Phase
from include.domain.forms import Form
from include.domain.returns import FileKind, Finding, Identity, Reading, Value
from include.domain.units import Unit
from include.gateways.workbooks import archives, kinds
from include.gateways.workbooks import identity as proof
from include.gateways.workbooks.annotate import annotated, put_right
from include.gateways.workbooks.build import blank, cells_of, template
from include.gateways.workbooks.grids import MOST_ROWS
from include.gateways.workbooks.patch import Template
from include.gateways.workbooks.read import read


@dataclass(frozen=True, slots=True)
class _Built:
    """A template and what it was built from."""

    form: Form
    campaign: Campaign
    phase: Phase
    template: Template


class Workbooks:
    """The one place that knows xlsx. ``token_key`` signs the identity in issued workbooks."""

    def __init__(self, token_key: bytes) -> None:
        self._token_key = token_key
        self._built: dict[tuple[str, str, str], _Built] = {}
        self._registers: dict[str, tuple[Form, Template]] = {}

    def prefilled(
        self,
        form: Form,
        campaign: Campaign,
        phase: Phase,
        unit: Unit,
        rows: Mapping[str, Sequence[Mapping[str, Value]]] | None = None,
    ) -> bytes:
        """The form's workbook with this unit's identity and token. Same arguments, same bytes.

        ``rows`` are filled in beforehand: sheet key → rows of values by field, amounts in 元; a card has one.
        Raise ValueError without a token key, KeyError for a sheet or field the form does not have.
        """
        words = {
            "unit.code": unit.code,
            "unit.name": unit.name,
            "token": proof.token(self._token_key, campaign.id, phase.key, form.key, form.version, unit.code),
        }
        return self._template(form, campaign, phase).filled(words, cells_of(form, rows or {}))

    def register(self, form: Form, rows: Mapping[str, Sequence[Mapping[str, Value]]]) -> bytes:
        """The form's sheets alone with these rows, for the office itself: no identity, no instructions.

        Same arguments, same bytes. Raise KeyError for a sheet or field the form does not have.
        """
        known, empty = self._registers.get(form.key, (None, None))
        if empty is None or known != form:
            empty = Template.of(blank(form))
            self._registers[form.key] = form, empty
        return empty.filled({}, cells_of(form, rows))

    def read(self, content: bytes, forms: Mapping[str, Form], *, most_rows: int = MOST_ROWS) -> Reading:
        """Read whatever was sent. Never raises for a bad file: what is wrong is among the findings."""
        return read(content, forms, most_rows=most_rows)

    def is_genuine(self, identity: Identity) -> bool:
        """Whether the token was issued by us for exactly this campaign, phase, form, version and unit."""
        return proof.is_genuine(self._token_key, identity)

    def annotated(self, content: bytes, form: Form, findings: Sequence[Finding], *, unit_name: str) -> bytes:
        """The sender's own workbook, bad cells marked, with a first sheet listing every finding.

        Raise ValueError for a file that cannot be opened.
        """
        return annotated(content, form, findings, unit_name=unit_name)

    def put_right(self, earlier: bytes, page: bytes, form: Form) -> tuple[bytes, tuple[Finding, ...]]:
        """The earlier return with the rows of 仅错误行 written into its table, and what does not fit there.

        Same arguments, same bytes. Raise ValueError when either cannot be opened.
        """
        return put_right(earlier, page, form)

    def file_kind(self, content: bytes) -> FileKind:
        """By content, never by name."""
        return kinds.file_kind(content)

    def unpack(self, name: str, content: bytes) -> list[tuple[str, bytes]]:
        """The files in a zip, named ``x.zip/inner.xlsx``; of anything else, itself.

        A zip that must not or cannot be unpacked stays as it is: reading it says why.
        """
        return archives.unpacked(name, content)

    def packed(self, files: Sequence[tuple[str, bytes]]) -> bytes:
        """A zip of named files. Same arguments, same bytes."""
        return archives.packed(files)

    def _template(self, form: Form, campaign: Campaign, phase: Phase) -> Template:
        """Built once per form, campaign and phase, and again when any of them has changed."""
        key = (form.key, campaign.id, phase.key)
        built = self._built.get(key)
        if built is None or (built.form, built.campaign, built.phase) != (form, campaign, phase):
            built = _Built(form, campaign, phase, template(form, campaign, phase))
            self._built[key] = built
        return built.template
