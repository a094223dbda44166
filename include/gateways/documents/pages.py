"""A draft laid out as an official document (公文): head, body, signature, attachments, imprint (版记)."""

from __future__ import annotations

import io
from collections.abc import Sequence

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from include.domain.dates import zh_date
from include.domain.documents import Issue
from include.gateways.documents import paper
from include.gateways.documents.drafting import Draft
from include.gateways.documents.typography import balanced, half_widths, lines_of, numeral

BLANK_DAY = "　月　日"

_KEPT_STYLES = frozenset(
    {"Normal", "Heading1", "Heading1Char", "Heading2", "Heading2Char", "DefaultParagraphFont"}
    | {"TableNormal", "TableGrid", "NoList", "Header", "HeaderChar", "Footer", "FooterChar"}
)
_UNUSED = frozenset({"thumbnail", "stylesWithEffects", "customXml"})


class Pages:
    """One document being laid out, from the top. ``issue`` is None while it is a draft (送审稿)."""

    def __init__(
        self, draft: Draft, *, year: int, number_letters: str, sealed: bool, issue: Issue | None
    ) -> None:
        self._draft = draft
        self._issue = issue
        self._year = year
        self._number_letters = number_letters
        self._sealed = sealed
        self.document: Document = docx.Document()
        _empty(self.document)
        paper.set_up(self.document)
        _number_pages(self.document)

    def add_head(self) -> None:
        """送审稿 or the red head, the number and signer of an upward document, the title, the addressee."""
        if self._issue is None:
            self._add("送审稿", paper.MARK)
        if self._issue is not None and self._issue.red_head:
            office = self._add(f"{self._draft.issuer}文件", paper.OFFICE)
            _fit(office, 156)
            office.paragraph_format.space_before = Mm(35)
            self._empty_line()
            self._empty_line()
        number = (self._issue.doc_no if self._issue else "") or f"{self._number_letters}〔{self._year}〕　号"
        line = self._add(f"　{number}\t签发人：", paper.NUMBER)
        line.paragraph_format.tab_stops.add_tab_stop(Mm(110), WD_TAB_ALIGNMENT.LEFT)
        if self._issue is not None and self._issue.red_head:
            paper.border(line, colour="FF0000", away=paper.FOUR_MM, bottom=paper.THICK)
            self._empty_line()
        self._empty_line()
        for text in balanced(self._draft.title, widest=20):
            self._add(text, paper.TITLE)
        self._empty_line()
        self._add(f"{self._draft.addressee}：", paper.ADDRESSEE)

    def add_body(self) -> None:
        for text in self._draft.opening:
            self._add(text, paper.BODY)
        for place, section in enumerate(self._draft.sections, 1):
            self._add(f"{numeral(place)}、{section.title}", paper.LEVEL_1)
            self._add_texts(section.paragraphs)
            for number, part in enumerate(section.parts, 1):
                self._add(f"（{numeral(number)}）{part.title}", paper.LEVEL_2)
                self._add_texts(part.paragraphs)

    def add_end(self) -> None:
        """附件说明, 署名, 成文日期, 附注; kept on a page with the last lines of the body."""
        self._bind_last()
        many = len(self._draft.attachments) > 1
        self._empty_line(bound=True)
        for place, name in enumerate(self._draft.attachments, 1):
            numbered = f"{place}．{name}" if many else name
            self._add_attached(numbered, first=place == 1, numbered=many)
        self._empty_line(bound=True)
        self._empty_line(bound=True)
        self._add_signature()
        if self._draft.annotation:
            self._add(self._draft.annotation, paper.ANNOTATION)

    def add_annex(
        self, rows: Sequence[tuple[str, ...]], charts: Sequence[tuple[str, bytes]], heading: str
    ) -> None:
        """The page of main figures: a table, and pictures under their titles."""
        label = "附件1" if len(self._draft.attachments) > 1 else "附件"
        first = self._add(label, paper.ANNEX)
        first.paragraph_format.page_break_before = True
        self._empty_line()
        self._add(heading, paper.TITLE).paragraph_format.space_after = Pt(12)
        if rows:
            self._add_table(rows)
        for place, (title, picture) in enumerate(charts, 1):
            number = f"图{place}" if len(charts) > 1 else "图"
            caption = self._add(f"{number}　{title}", paper.CAPTION)
            caption.paragraph_format.space_before = Pt(14)
            self._add_picture(picture, title, place, bound=place < len(charts))

    def add_imprint(self) -> None:
        """版记 at the foot of the last page: thick, thin, thick."""
        lines = []
        if self._draft.copied_to:
            lines.append(f"　抄送：{'，'.join(self._draft.copied_to)}。")
        printed = f"{zh_date(self._issue.dated)}" if self._issue else f"{self._year}年{BLANK_DAY}"
        lines.append(f"　{self._draft.printer}\t{printed}印发　")
        for place, text in enumerate(lines):
            last = place == len(lines) - 1
            line = self._add(text, paper.IMPRINT)
            line.paragraph_format.tab_stops.add_tab_stop(paper.TEXT_WIDTH, WD_TAB_ALIGNMENT.RIGHT)
            paper.lay_at_page_bottom(line, lines=lines_of(text, across=31), below=0 if last else 1)
            top = paper.THICK if place == 0 else paper.THIN
            paper.border(line, top=top, bottom=paper.THICK if last else None)
        # The block belongs to the page of the paragraph behind it.
        self._add("", paper.ANCHOR)

    def add_notes(self) -> None:
        """What the drafter should still do, on a page of its own that leaves with the approval."""
        first = self._add("起草说明（供起草人参考，定稿时删去）", paper.MARK)
        first.paragraph_format.page_break_before = True
        for place, note in enumerate(self._draft.notes, 1):
            self._add(f"{place}．{note}", paper.NOTE)

    def _add(self, text: str, style: str) -> Paragraph:
        return self.document.add_paragraph(text, style)

    def _add_texts(self, texts: Sequence[str]) -> None:
        point = 0
        for text in texts:
            point = point + 1 if text.startswith("- ") else 0
            if point:
                self._add(f"{point}．{text[2:]}", paper.LEVEL_3)
            else:
                self._add(text, paper.BODY)

    def _empty_line(self, *, bound: bool = False) -> None:
        self._add("", paper.ADDRESSEE).paragraph_format.keep_with_next = bound

    def _bind_last(self) -> None:
        """The body's last paragraph goes with the signature: it never stands alone on a page."""
        last = self.document.paragraphs[-1]
        last.paragraph_format.keep_with_next = last.paragraph_format.keep_together = True

    def _add_attached(self, name: str, *, first: bool, numbered: bool) -> None:
        """“附件：” once; names one under the other, a long one under its own first character."""
        line = self._add(f"附件：{name}" if first else name, paper.ATTACHED)
        line.paragraph_format.keep_with_next = True
        label = 3 if first else 0
        hanging = 1.5 if numbered else 0
        ind = line._p.get_or_add_pPr().get_or_add_ind()
        start = 5 + hanging
        ind.set(qn("w:leftChars"), str(round(start * 100)))
        ind.set(qn("w:left"), str(round(start * 316)))
        ind.set(qn("w:hangingChars"), str(round((label + hanging) * 100)))
        ind.set(qn("w:hanging"), str(round((label + hanging) * 316)))

    def _add_signature(self) -> None:
        """With a seal the name stands centred over a date four characters from the edge; without one, the
        name two characters from it and the date below, two characters further in.
        """
        day = zh_date(self._issue.dated) if self._issue else f"{self._year}年{BLANK_DAY}"
        name = self._draft.issuer
        wide, long = half_widths(name) / 2, half_widths(day) / 2
        if self._sealed:
            date_right = max(4, (wide - long) / 2)
            name_right = date_right + (long - wide) / 2
        else:
            date_right = max(2, wide - long)
            name_right = date_right + long + 2 - wide
        for text, right in ((name, name_right), (day, date_right)):
            line = self._add(text, paper.SIGNED)
            paper.indent_characters(line, right=right)
            line.paragraph_format.keep_with_next = text == name or bool(self._draft.annotation)

    def _add_table(self, rows: Sequence[tuple[str, ...]]) -> None:
        table = self.document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        widths = _column_widths(len(rows[0]))
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        for place, (row, texts) in enumerate(zip(table.rows, rows, strict=True)):
            _keep_whole(row, repeated=place == 0)
            for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
                cell.width = widths[column]
                paragraph = cell.paragraphs[0]
                paragraph.style = paper.CELL
                run = paragraph.add_run(text)
                if place == 0:
                    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), paper.HEI)
                if place == 0 or column == 1:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
                elif column > 1:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def _add_picture(self, picture: bytes, title: str, place: int, *, bound: bool) -> None:
        line = self._add("", paper.CAPTION)
        line.paragraph_format.keep_with_next = bound
        # Exact line spacing would cut the picture to one line.
        line.paragraph_format.line_spacing = 1.0
        shape = line.add_run().add_picture(io.BytesIO(picture), width=Mm(150))
        properties = shape._inline.docPr
        properties.set("id", str(100 + place))
        properties.set("descr", title)


def _empty(document: Document) -> None:
    """Without what python-docx's template brings along: a paragraph, a preview picture, a hundred styles."""
    body = document.element.body
    for element in list(body):
        if element.tag != qn("w:sectPr"):
            body.remove(element)
    styles = document.styles.element
    for style in list(styles.iter(qn("w:style"))):
        if style.get(qn("w:styleId")) not in _KEPT_STYLES:
            styles.remove(style)
    for relations in (document.part.package.rels, document.part.rels):
        for key, relation in list(relations.items()):
            if relation.reltype.rpartition("/")[2] in _UNUSED:
                del relations[key]


def _number_pages(document: Document) -> None:
    """「— 1 —」: odd pages at the right, even at the left, one character from the edge."""
    section = document.sections[0]
    for footer, alignment in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        footer.is_linked_to_previous = False
        line = footer.paragraphs[0]
        line.style = document.styles[paper.PAGE_NUMBER]
        line.alignment = alignment
        ind = line._p.get_or_add_pPr().get_or_add_ind()
        side = "right" if alignment == WD_ALIGN_PARAGRAPH.RIGHT else "left"
        ind.set(qn(f"w:{side}"), str(14 * 20))
        ind.set(qn(f"w:{side}Chars"), "100")
        line.add_run("— ")
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), "PAGE")
        field.append(parse_xml(f"<w:r {nsdecls('w')}><w:t>1</w:t></w:r>"))
        line._p.append(field)
        line.add_run(" —")


def _fit(paragraph: Paragraph, width_mm: int) -> None:
    """A long office name in one line: smaller type, never broken."""
    run = paragraph.runs[0]
    widest = width_mm / 25.4 * 72 / max(1, len(run.text))
    run.font.size = Pt(min(42, int(widest)))


def _column_widths(columns: int) -> list[Mm]:
    rest = (156 - 62 - 20) / max(1, columns - 2)
    return [Mm(62), Mm(20), *[Mm(rest)] * (columns - 2)]


def _keep_whole(row: object, *, repeated: bool) -> None:
    properties = row._tr.get_or_add_trPr()  # type: ignore[attr-defined]
    properties.append(OxmlElement("w:cantSplit"))
    if repeated:
        properties.append(OxmlElement("w:tblHeader"))
