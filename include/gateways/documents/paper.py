"""The official page: measures, fonts and styles of GB/T 9704-2012, in Word's own terms."""

from __future__ import annotations

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

SONG_TITLE, FANG_SONG, KAI, HEI, SONG = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"
LATIN = "Times New Roman"

SIZE_2, SIZE_3, SIZE_4 = Pt(22), Pt(16), Pt(14)  # 2号, 3号, 4号
LINE = Pt(28.95)  # 版心 225 mm = 22 lines
LINES, CHARACTERS = 22, 28
CHARACTER_SPACE = -849
"""1/4096 pt: 28 characters on 156 mm leave each 15.79 pt, 0.21 pt less than 3号 is wide."""

IMPRINT_LINE = Pt(22)
TEXT_HEIGHT, TEXT_WIDTH = Mm(225), Mm(156)
RED = RGBColor(0xFF, 0, 0)
THICK, THIN = 8, 6  # eighths of a point: 0.35 mm and 0.25 mm
FOUR_MM = 11  # points

TITLE, ADDRESSEE, BODY, LEVEL_1, LEVEL_2, LEVEL_3 = (
    "公文标题",
    "主送机关",
    "公文正文",
    "Heading 1",
    "Heading 2",
    "公文三级",
)
(
    ATTACHED,
    SIGNED,
    ANNOTATION,
    ANNEX,
    CAPTION,
    CELL,
    IMPRINT,
    PAGE_NUMBER,
    MARK,
    NOTE,
    OFFICE,
    NUMBER,
    ANCHOR,
) = (
    "附件说明",
    "署名和日期",
    "附注",
    "附件标识",
    "图表题",
    "表内文字",
    "版记",
    "页码",
    "送审标记",
    "起草说明",
    "发文机关标志",
    "发文字号",
    "版记定位",
)

_FALLBACKS = {
    SONG_TITLE: ("FZXiaoBiaoSong-B05S", "02010601030101010101", "roman"),
    FANG_SONG: ("仿宋", "02010609030101010101", "modern"),
    KAI: ("楷体", "02010609030101010101", "modern"),
    HEI: ("SimHei", "02010609060101010101", "modern"),
    SONG: ("SimSun", "02010600030101010101", "auto"),
    LATIN: ("Liberation Serif", "02020603050405020304", "roman"),
}
"""For a machine without the font: another name of it, its design in PANOSE figures, its family."""

_OTHER_LINES = {
    TITLE: Pt(34),
    CAPTION: Pt(22),
    CELL: Pt(19),
    IMPRINT: IMPRINT_LINE,
    PAGE_NUMBER: Pt(14),
    NOTE: Pt(24),
    OFFICE: Pt(56),
    ANCHOR: Pt(1),
}
"""Lines of another height than the body's; they leave the grid."""

_AFTER_SNAP_TO_GRID = (
    "w:spacing",
    "w:ind",
    "w:contextualSpacing",
    "w:mirrorIndents",
    "w:jc",
    "w:outlineLvl",
    "w:rPr",
)
_AFTER_BORDERS = (
    "w:shd",
    "w:tabs",
    "w:suppressAutoHyphens",
    "w:kinsoku",
    "w:wordWrap",
    "w:overflowPunct",
    "w:topLinePunct",
    "w:autoSpaceDE",
    "w:autoSpaceDN",
    "w:bidi",
    "w:adjustRightInd",
    "w:snapToGrid",
    *_AFTER_SNAP_TO_GRID,
)
_AFTER_FRAME = ("w:widowControl", "w:numPr", "w:suppressLineNumbers", "w:pBdr", *_AFTER_BORDERS)
"""What the schema of WordprocessingML wants behind the element that is put in."""


def set_up(document: Document) -> None:
    """Page, styles and fonts; a paragraph then only names its style."""
    _set_page(document.sections[0])
    _set_defaults(document)
    _add_styles(document)
    _set_font_table(document)
    document.settings.odd_and_even_pages_header_footer = True


def indent_characters(paragraph: Paragraph, *, first: int = 0, right: float = 0) -> None:
    """Indents in characters, which follow the size of type."""
    ind = paragraph._p.get_or_add_pPr().get_or_add_ind()
    if first:
        ind.set(qn("w:firstLineChars"), str(first * 100))
        ind.set(qn("w:firstLine"), str(first * 316))
    if right:
        ind.set(qn("w:rightChars"), str(round(right * 100)))
        ind.set(qn("w:right"), str(round(right * 316)))


def border(paragraph: Paragraph, *, colour: str = "000000", away: int = 1, **sides: int | None) -> None:
    """Rules along a paragraph, in eighths of a point, ``away`` points from it; None for no rule."""
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="{away}" w:color="{colour}"/>'
        for side, size in sides.items()
        if size is not None
    )
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(parse_xml(f"<w:pBdr {nsdecls('w')}>{lines}</w:pBdr>"), *_AFTER_BORDERS)


def lay_at_page_bottom(paragraph: Paragraph, *, lines: int, below: int) -> None:
    """Frame a paragraph of so many lines at the lower edge of the text area (版心), ``below`` lines above it."""
    depth = (lines + below) * (IMPRINT_LINE.twips + 4 * 20)  # the rules, and a point on either side of each
    place = f'w:y="{round(TEXT_HEIGHT.twips - depth)}"' if below else 'w:yAlign="bottom"'
    frame = parse_xml(
        f'<w:framePr {nsdecls("w")} w:w="{round(TEXT_WIDTH.twips)}" w:hSpace="0" w:wrap="around" '
        f'w:vAnchor="margin" w:hAnchor="margin" w:xAlign="left" {place}/>'
    )
    paragraph._p.get_or_add_pPr().insert_element_before(frame, *_AFTER_FRAME)


def _set_page(section: Section) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.left_margin = Mm(37), Mm(28)
    section.bottom_margin, section.right_margin = Mm(35), Mm(26)
    section.header_distance = Mm(20)
    # The dash of the page number lies 7 mm below the text area, in the middle of a line 5 mm high.
    section.footer_distance = Mm(25.5)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "linesAndChars")
    grid.set(qn("w:linePitch"), str(round(LINE.twips)))
    grid.set(qn("w:charSpace"), str(CHARACTER_SPACE))


def _set_defaults(document: Document) -> None:
    """The language of the text is Chinese, and the default style is the body: other styles stand on it."""
    normal = document.styles["Normal"]
    _set_font(normal, FANG_SONG, SIZE_3)
    normal.paragraph_format.line_spacing = LINE
    normal.paragraph_format.space_before = normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.widow_control = True
    for language in document.styles.element.iter(qn("w:lang")):
        # Figures in Chinese text are not Chinese words: those may be broken anywhere.
        language.set(qn("w:val"), "en-US")
        language.set(qn("w:eastAsia"), "zh-CN")


def _add_styles(document: Document) -> None:
    left, centre, right, justify = (
        WD_ALIGN_PARAGRAPH.LEFT,
        WD_ALIGN_PARAGRAPH.CENTER,
        WD_ALIGN_PARAGRAPH.RIGHT,
        WD_ALIGN_PARAGRAPH.JUSTIFY,
    )
    for name, font, size, alignment, first in (
        (TITLE, SONG_TITLE, SIZE_2, centre, 0),
        (ADDRESSEE, FANG_SONG, SIZE_3, left, 0),
        (BODY, FANG_SONG, SIZE_3, justify, 2),
        (LEVEL_1, HEI, SIZE_3, justify, 2),
        (LEVEL_2, KAI, SIZE_3, justify, 2),
        (LEVEL_3, FANG_SONG, SIZE_3, justify, 2),
        (ATTACHED, FANG_SONG, SIZE_3, left, 0),
        (SIGNED, FANG_SONG, SIZE_3, right, 0),
        (ANNOTATION, FANG_SONG, SIZE_3, left, 2),
        (ANNEX, HEI, SIZE_3, left, 0),
        (CAPTION, HEI, SIZE_4, centre, 0),
        (CELL, FANG_SONG, SIZE_4, left, 0),
        (IMPRINT, FANG_SONG, SIZE_4, left, 0),
        (PAGE_NUMBER, SONG, SIZE_4, left, 0),
        (MARK, HEI, SIZE_4, left, 0),
        (NOTE, FANG_SONG, SIZE_4, justify, 2),
        (OFFICE, SONG_TITLE, Pt(42), centre, 0),
        (NUMBER, FANG_SONG, SIZE_3, left, 0),
        (ANCHOR, FANG_SONG, Pt(1), left, 0),
    ):
        style = _style(document, name)
        _set_font(style, font, size)
        style.paragraph_format.alignment = alignment
        style.paragraph_format.keep_with_next = name in (LEVEL_1, LEVEL_2, ADDRESSEE, TITLE, CAPTION)
        if first:
            ind = style.element.get_or_add_pPr().get_or_add_ind()
            ind.set(qn("w:firstLineChars"), str(first * 100))
            ind.set(qn("w:firstLine"), str(round(first * size.twips)))
    for name, line in _OTHER_LINES.items():
        style = document.styles[name]
        style.paragraph_format.line_spacing = line
        style.element.get_or_add_pPr().insert_element_before(
            parse_xml(f'<w:snapToGrid {nsdecls("w")} w:val="0"/>'), *_AFTER_SNAP_TO_GRID
        )
    for name in (LEVEL_1, LEVEL_2):
        document.styles[name].paragraph_format.space_before = Pt(0)
    document.styles[OFFICE].font.color.rgb = RED


def _style(document: Document, name: str) -> ParagraphStyle:
    if name.startswith("Heading"):
        known: ParagraphStyle = document.styles[name]
        return known
    style: ParagraphStyle = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    style.quick_style = True
    return style


def _set_font(style: ParagraphStyle, east_asian: str, size: Pt) -> None:
    style.font.name = LATIN if east_asian != SONG else SONG
    style.font.size = size
    style.font.bold = style.font.italic = False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.rPr.rFonts
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), east_asian)


def _set_font_table(document: Document) -> None:
    """Named fall-backs: without the office's fonts Word takes the nearest, not just any."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:panose1 w:val="{panose}"/>'
        f'<w:charset w:val="{"00" if name == LATIN else "86"}"/><w:family w:val="{family}"/>'
        f'<w:pitch w:val="{"fixed" if family == "modern" else "variable"}"/></w:font>'
        for name, (other, panose, family) in _FALLBACKS.items()
    )
    table = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:fonts {nsdecls("w")}>{fonts}</w:fonts>'
    )
    for part in document.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            part._blob = table.encode()
