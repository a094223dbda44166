"""The page of GB/T 9704-2012, read back from the file."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm

from include.domain.documents import Issue
from include.domain.errors import TryAgain
from include.gateways import charts
from include.gateways.documents import Documents
from include.gateways.documents import pdf as pdf_module
from include.gateways.documents.typography import balanced, half_widths, numeral
from tests.gateways.documents.conftest import WITH_DOCUMENT, owed
from tests.gateways.documents.full_figures import full_figures, make_snapshot
from tests.gateways.documents.reading import opened, part, texts

FINAL = ("wushen_2024", "final_summary")
ISSUE = Issue(dated=date(2024, 11, 5), doc_no="乌医保发〔2024〕7号", red_head=True)

# The order in which WordprocessingML wants the properties of a paragraph; Word refuses another.
ORDER = [
    "pStyle",
    "keepNext",
    "keepLines",
    "pageBreakBefore",
    "framePr",
    "widowControl",
    "numPr",
    "suppressLineNumbers",
    "pBdr",
    "shd",
    "tabs",
    "suppressAutoHyphens",
    "kinsoku",
    "wordWrap",
    "overflowPunct",
    "topLinePunct",
    "autoSpaceDE",
    "autoSpaceDN",
    "bidi",
    "adjustRightInd",
    "snapToGrid",
    "spacing",
    "ind",
    "contextualSpacing",
    "mirrorIndents",
    "suppressOverlap",
    "jc",
    "textDirection",
    "textAlignment",
    "textboxTightWrap",
    "outlineLvl",
    "divId",
    "cnfStyle",
    "rPr",
    "sectPr",
    "pPrChange",
]


DOCUMENTS = Documents()


def build(which: tuple[str, str] = FINAL, issue: Issue | None = None) -> bytes:
    campaign, report, occasion = owed(*which)
    return DOCUMENTS.build(
        campaign,
        report,
        occasion,
        edition=1,
        snapshot=make_snapshot(campaign, report, occasion),
        figures=full_figures(),
        issue=issue,
    )


@pytest.mark.usefixtures("without_charts")
class TestPage:
    def test_paper_and_margins(self):
        section = opened(build()).sections[0]
        for measured, wanted in (
            (section.page_width, 210),
            (section.page_height, 297),
            (section.top_margin, 37),
            (section.left_margin, 28),
            (section.bottom_margin, 35),
            (section.right_margin, 26),
        ):
            assert abs(measured - Mm(wanted)) < Mm(0.1)

    def test_22_lines_of_28_characters(self):
        grid = opened(build()).sections[0]._sectPr.find(qn("w:docGrid"))
        pitch = 16 + int(grid.get(qn("w:charSpace"))) / 4096
        assert grid.get(qn("w:type")) == "linesAndChars"
        assert int(156 / 25.4 * 72 / pitch) == 28
        assert int(225 / 25.4 * 72 * 20 / int(grid.get(qn("w:linePitch")))) == 22

    @pytest.mark.parametrize(
        ("style", "font", "points"),
        [
            ("公文标题", "方正小标宋简体", 22),
            ("公文正文", "仿宋_GB2312", 16),
            ("Heading 1", "黑体", 16),
            ("Heading 2", "楷体_GB2312", 16),
            ("公文三级", "仿宋_GB2312", 16),
            ("附件标识", "黑体", 16),
            ("版记", "仿宋_GB2312", 14),
            ("页码", "宋体", 14),
        ],
    )
    def test_fonts(self, style: str, font: str, points: float):
        content = build()
        found = opened(content).styles[style]
        assert found.element.rPr.rFonts.get(qn("w:eastAsia")) == font
        assert found.font.size.pt == points
        assert not found.font.bold
        assert f'w:name="{font}"><w:altName' in part(content, "word/fontTable.xml")

    def test_lines_are_exact_and_paragraphs_indented_by_two_characters(self):
        styles = opened(build()).styles
        assert styles["Normal"].paragraph_format.line_spacing.pt == pytest.approx(28.95)
        assert styles["Normal"].paragraph_format.widow_control
        for style in ("公文正文", "Heading 1", "Heading 2"):
            assert styles[style].element.pPr.ind.get(qn("w:firstLineChars")) == "200"

    def test_page_numbers_stand_outside(self):
        document = opened(build())
        section = document.sections[0]
        assert document.settings.odd_and_even_pages_header_footer
        for footer, side in (
            (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
            (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
        ):
            line = footer.paragraphs[0]
            assert line.alignment == side
            assert "".join(node.text or "" for node in line._p.iter(qn("w:t"))) == "— 1 —"

    @pytest.mark.parametrize("issue", [None, ISSUE], ids=["draft", "issued"])
    @pytest.mark.parametrize("which", WITH_DOCUMENT, ids="-".join)
    def test_properties_stand_in_the_order_word_wants(self, which: tuple[str, str], issue: Issue | None):
        document = opened(build(which, issue))
        for root in (document.element, document.styles.element):
            for properties in root.iter(qn("w:pPr")):
                places = [ORDER.index(child.tag.rpartition("}")[2]) for child in properties]
                assert places == sorted(places)

    def test_the_signature_never_stands_alone(self):
        """From the last words of the body on, every paragraph holds on to the next."""
        paragraphs = opened(build()).paragraphs
        name = next(i for i, p in enumerate(paragraphs) if p.style.name == "署名和日期")
        last = max(i for i, p in enumerate(paragraphs[:name]) if p.style.name == "公文正文")
        assert all(p.paragraph_format.keep_with_next for p in paragraphs[last:name])
        assert paragraphs[name].paragraph_format.keep_with_next
        assert paragraphs[last].paragraph_format.keep_together

    def test_rules_of_the_imprint(self):
        lines = [p for p in opened(build()).paragraphs if p.style.name == "版记"]
        borders = [child for line in lines for child in line._p.pPr.find(qn("w:pBdr"))]
        assert [(b.tag.rpartition("}")[2], b.get(qn("w:sz"))) for b in borders] == [
            ("top", "8"),
            ("bottom", "8"),
        ]
        assert all(line._p.pPr.find(qn("w:framePr")).get(qn("w:yAlign")) == "bottom" for line in lines)


@pytest.mark.usefixtures("without_charts")
class TestStages:
    def test_a_draft_is_marked_and_has_no_red(self):
        content = build()
        found = texts(content)
        assert found[0] == "送审稿"
        assert any(text.startswith("起草说明") for text in found)
        assert "FF0000" not in part(content, "word/document.xml")
        assert "2024年　月　日" in found

    def test_an_issued_document_has_a_red_head_its_number_and_its_date(self):
        content = build(issue=ISSUE)
        found = texts(content)
        assert found[0] == "乌审旗医疗保障局文件"
        assert "　乌医保发〔2024〕7号\t签发人：" in found
        assert "2024年11月5日" in found
        assert "FF0000" in part(content, "word/document.xml")
        assert not any("送审稿" in text or "起草说明" in text for text in found)

    def test_an_approved_one_that_is_sent_as_a_file_has_no_red_line(self):
        content = build(issue=Issue(dated=date(2024, 11, 5)))
        assert "FF0000" not in part(content, "word/document.xml")
        assert "送审稿" not in texts(content)

    @pytest.mark.parametrize(
        ("which", "words"),
        [
            (("quanzhou_2024", "written_report"), "（此件主动公开）"),
            (("heshan_2020", "latest_progress"), "（此件不公开）"),
            (FINAL, None),
        ],
    )
    def test_the_annotation_follows_the_campaigns_publicity(self, which: tuple[str, str], words: str | None):
        found = [p.text for p in opened(build(which, ISSUE)).paragraphs if p.style.name == "附注"]
        assert found == ([words] if words else [])

    def test_dates_have_no_leading_zeros(self):
        for which in WITH_DOCUMENT:
            assert not re.search(r"年0|月0\d日", "".join(texts(build(which, ISSUE))))

    def test_there_is_one_addressee(self):
        for which in WITH_DOCUMENT:
            found = [p.text for p in opened(build(which)).paragraphs if p.style.name == "主送机关" and p.text]
            assert len(found) == 1
            assert found[0].endswith("：")
            assert "、" not in found[0]


@pytest.mark.parametrize("which", WITH_DOCUMENT, ids="-".join)
@pytest.mark.usefixtures("without_charts")
def test_the_same_arguments_give_the_same_bytes(which: tuple[str, str]):
    assert build(which) == build(which)


def test_pictures_are_the_same_bytes_too():
    assert build() == build()


def test_without_a_chinese_font_there_is_no_picture_and_the_drafter_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(charts, "chinese_font", lambda: None)
    content = build()
    assert not opened(content).inline_shapes
    assert any("本机未安装中文字体，“检查覆盖率与目标对照”图从略" in text for text in texts(content))
    assert not any(text.startswith("图1") for text in texts(content))


@pytest.mark.skipif(
    charts.chinese_font() is None,
    reason="no Chinese font is installed: run tests/gateways/documents/install.sh",
)
def test_charts_are_drawn_with_their_titles():
    content = build()
    assert len(opened(content).inline_shapes) == 2
    assert "图1　检查覆盖率与目标对照" in texts(content)


def test_without_libreoffice_there_is_no_pdf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pdf_module.as_pdf(b"") is None


@pytest.mark.skipif(
    shutil.which("soffice") is None,
    reason="LibreOffice is not installed: run tests/gateways/documents/install.sh",
)
@pytest.mark.usefixtures("without_charts")
def test_the_same_document_gives_the_same_pages():
    document = build()
    pages = DOCUMENTS.pdf(document)
    assert pages is not None
    assert pages.startswith(b"%PDF")
    assert pages == DOCUMENTS.pdf(document)


@pytest.mark.usefixtures("without_charts")
def test_a_conversion_that_fails_may_be_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    office = tmp_path / "soffice"
    office.write_text("#!/bin/sh\nexit 1\n")
    office.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(TryAgain, match="未能转换为 PDF"):
        DOCUMENTS.pdf(build())


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        (["甲局", "关于工作情况的报告"], ["甲局关于工作情况的报告"]),
        (
            ["乌审旗医疗保障局", "关于2024年医保基金违法违规问题", "专项整治", "工作情况的报告"],
            ["乌审旗医疗保障局", "关于2024年医保基金违法违规问题", "专项整治工作情况的报告"],
        ),
    ],
)
def test_a_title_breaks_between_words(pieces: list[str], lines: list[str]):
    assert balanced(pieces, widest=20) == lines
    assert all(half_widths(line) <= 40 for line in lines)


@pytest.mark.parametrize(
    ("number", "zh"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (35, "三十五")]
)
def test_numerals(number: int, zh: str):
    assert numeral(number) == zh
