"""Great Expectations Data Docs of past checks, as pages an office can read without a network.

Great Expectations writes its pages for a browser that fetches styles, scripts and pictures from half a dozen
hosts. Here each page is stripped of them, given a style of its own, and its few fixed words are translated;
what a rule asks for is Chinese from the start. Nothing of GX leaves this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from include.domain.batches import Batch
from include.domain.dates import zh_date
from include.domain.forms import ColumnType, Form, Sheet
from include.gateways.quality import expectation, great_expectations
from include.gateways.quality_checks import ASKED_DIRECTLY, Check, Kind, checks_of
from include.gateways.quality_frames import Judged, Placed, columns_of
from include.gateways.quality_rules import asked_by

INDEX = "index.html"
STYLE = Path(__file__).with_name("data_docs.css")
MOST_ROWS = 20
"""Failing rows shown for one rule; ``returns check`` shows all of a file."""

UNIT, ROW = "报送单位", "行"


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet of one check. ``broken`` of ``rules`` (条) were not kept by every row."""

    batch: Batch
    sheet: Sheet
    file: str
    rows: int
    rules: int
    broken: int


class DataDocs:
    def build(self, title: str, batches: Sequence[Batch], folder: Path) -> Path:
        """Write a page per batch and sheet and a first page that lists them; return the first page."""
        gx = great_expectations()
        folder.mkdir(parents=True, exist_ok=True)
        context = gx.get_context(mode="ephemeral")
        _silence(context)
        with TemporaryDirectory() as site:
            context.add_data_docs_site("pages", _site(site))
            pages = [
                page
                for batch in batches
                for sheet in batch.form.filled_sheets
                for page in _validated(gx, context, batch, sheet)
            ]
            context.build_data_docs(site_names=["pages"])
            for page in pages:
                [written] = Path(site, "validations", _name(page.batch, page.sheet)).rglob("*.html")
                text = _readable(written.read_text(encoding="utf-8"), page)
                (folder / page.file).write_text(text, encoding="utf-8")
        first = folder / INDEX
        first.write_text(_index(title, pages), encoding="utf-8")
        return first


def _silence(context: Any) -> None:
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)


def _site(folder: str) -> dict[str, Any]:
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": folder},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "site_section_builders": {"expectations": "None", "profiling": "None"},
    }


def _validated(gx: Any, context: Any, batch: Batch, sheet: Sheet) -> Iterator[Page]:
    """The sheet's page, its result in the store of the context; none for a sheet nobody filled in."""
    judged = [Judged(id_, reading, batch.contexts[id_]) for id_, reading in batch.readings.items()]
    placed = [
        Placed(source, order, row) for source in judged for order, row in enumerate(source.rows(sheet.key))
    ]
    if not placed:
        return
    checks = [
        check
        for check in checks_of(batch.form, sheet)
        if check.rule is None or check.rule.in_force_on(batch.on)
    ]
    name = _name(batch, sheet)
    asset = context.data_sources.add_pandas(name).add_dataframe_asset(sheet.title)
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(
            name=name,
            data=asset.add_batch_definition_whole_dataframe("all"),
            suite=context.suites.add(
                gx.ExpectationSuite(
                    name=name, expectations=[_expectation(gx, sheet, check) for check in checks]
                )
            ),
        )
    )
    outcome = definition.run(
        batch_parameters={"dataframe": _frame(batch.form, sheet, checks, placed)},
        result_format={
            "result_format": "COMPLETE",
            "partial_unexpected_count": MOST_ROWS,
            "unexpected_index_column_names": [UNIT, ROW],
        },
    )
    broken = sum(not result.success for result in outcome.results)
    file = f"{batch.on}_{batch.form.key}_{sheet.key}.html"
    yield Page(batch, sheet, file, len(placed), len(checks), broken)


def _name(batch: Batch, sheet: Sheet) -> str:
    return f"{batch.form.key}_{sheet.key}_{batch.on}"


def _column(sheet: Sheet, check: Check, place: int = 0) -> str:
    """Columns of its own for each check; the page has a paragraph for each first one, in the order of names."""
    fields = [column.field for column in sheet.columns]
    return f"{fields.index(check.field) + 1:02d} {sheet.column(check.field).label} [{check.key}]{place or ''}"


def _is_flagged(check: Check) -> bool:
    """Great Expectations has no question of its own for the rule: it is told which cells break it."""
    return check.rule is not None and not isinstance(check.rule, ASKED_DIRECTLY)


def _expectation(gx: Any, sheet: Sheet, check: Check) -> Any:
    # A dollar sign would be taken for a parameter of the sentence.
    said = {"description": asked_by(sheet, check).replace("$", "＄"), "meta": {"rule": check.key}}
    columns = [_column(sheet, check, place) for place, _ in enumerate(check.columns)]
    if _is_flagged(check):
        return gx.expectations.ExpectColumnValuesToBeNull(column=columns[0], **said)
    return expectation(gx.expectations, check, columns, said)


def _frame(form: Form, sheet: Sheet, checks: Sequence[Check], placed: Sequence[Placed]) -> Any:
    import pandas as pd

    judged = {name: (is_number, values) for name, is_number, values in columns_of(form, sheet, placed)}
    columns = {
        UNIT: [f"{where.source.context.unit_code} {where.source.context.unit_name}" for where in placed],
        ROW: [where.row.number for where in placed],
    }
    for check in checks:
        for place, source in enumerate(check.columns):
            is_number, values = judged[source]
            if _is_flagged(check):
                told = zip(placed, values, strict=True)
                is_number, values = (
                    False,
                    [_written(where, check) if broken else None for where, broken in told],
                )
            if check.kind is Kind.AT_LEAST_OTHER and _is_money(sheet, source):
                columns[_column(sheet, check, place)] = pd.Series(values, dtype="Float64") / 100
                continue
            dtype = "Int64" if is_number else "object"
            columns[_column(sheet, check, place)] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(columns)


def _is_money(sheet: Sheet, field: str) -> bool:
    """分 in the frame; people are shown 元."""
    return sheet.has(field) and sheet.column(field).type is ColumnType.MONEY


def _written(where: Placed, check: Check) -> str:
    return where.row.raw.get(check.field) or "（空）"


def _readable(page: str, about: Page) -> str:
    """The page's own contents under our heading and style, with no address outside the folder in it."""
    body = page[page.index('<div class="container-fluid') : page.index("<footer>")]
    body = re.sub(r"<script.*?</script>|<link[^>]*>", "", body, flags=re.DOTALL)
    body = re.sub(r"<a [^>]*href=\"[^#\"][^>]*>(.*?)</a>", r"\1", body, flags=re.DOTALL)
    body = re.sub(r'<p[^>]*>\s*<a data-toggle="collapse".*?</p>', "", body, flags=re.DOTALL)
    body = _PLACE.sub(r"\1，第\2行", body)
    for english, chinese in _WORDS.items():
        body = re.sub(rf"(?<=>)\s*{english}\s*(?=<)", chinese, body)
    batch = about.batch
    heading = f"{batch.form.title}·{about.sheet.title}：{zh_date(batch.on)}校验"
    told = (
        f"报送件{len(batch.readings):,}份，共{about.rows:,}行；规则{about.rules:,}条，其中{about.broken:,}条有不符合的行。"
        f"每条规则最多列出{MOST_ROWS}处。本页只供办公室内部查看。"
    )
    back = f'<p><a href="{INDEX}">返回目录</a></p>'
    only = '<p><label><input type="checkbox" id="broken" checked> 只看有不符合的规则</label></p>'
    return _document(heading, f"{back}<h1>{escape(heading)}</h1><p>{told}</p>{only}{body}")


def _index(title: str, pages: Sequence[Page]) -> str:
    rows = "".join(
        f"<tr><td>{zh_date(page.batch.on)}</td><td>{escape(page.batch.form.title)}</td>"
        f'<td><a href="{page.file}">{escape(page.sheet.title)}</a></td>'
        f"<td class=n>{len(page.batch.readings):,}</td><td class=n>{page.rows:,}</td>"
        f'<td class=n>{page.rules:,}</td><td class="n{" bad" if page.broken else ""}">{page.broken:,}</td></tr>'
        for page in pages
    )
    heads = "".join(
        f"<th>{head}</th>"
        for head in (
            "校验日期",
            "报送表",
            "工作表",
            "报送件（份）",
            "行",
            "规则（条）",
            "有不符合的规则（条）",
        )
    )
    heading = f"{title}——报送件校验记录"
    return _document(
        heading,
        f"<h1>{escape(heading)}</h1><p>按当日的规则重新校验所存原件得出，只供办公室内部查看。</p>"
        f"<table class=list><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>",
    )


def _document(title: str, body: str) -> str:
    style = STYLE.read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>{body}</body></html>\n"
    )


_PLACE = re.compile(rf"\{{[^{{}}<]*'{UNIT}': '([^'<]*)', '{ROW}': (\d+)\}}")
"""Where a rule of our own is broken: Great Expectations prints a Python dictionary."""

_WORDS = {
    "Overview": "总体情况",
    "Statistics": "统计",
    "Table-Level Expectations": "两栏之间、行与行之间的规则",
    "Evaluated Expectations": "校验的规则（条）",
    "Successful Expectations": "全部符合的规则（条）",
    "Unsuccessful Expectations": "有不符合的规则（条）",
    "Success Percent": "全部符合的比例",
    "Status": "结果",
    "Status:": "结果：",
    "Failed": "有不符合的",
    "Succeeded": "全部符合",
    "Expectation": "规则",
    "Observed Value": "校验结果",
    "Unexpected Value": "填写的内容",
    "Sampled Unexpected Values": "填写的内容",
    "Count": "处数",
    "null": "（空）",
    "Data asset: None": "",
    "Expectation Suite:": "",
    "Index": "位置",
    r"(\d[\d,]*) unexpected values? found\. (\S+%) of (\d[\d,]*) total rows\.": r"共\3行，\1处不符合（\2）",
    r"(\S+%) unexpected": r"\1",
    r"(\S+%) not null": r"\1已填写",
    r"(\S+%) null": r"\1无此问题",
}
"""What Great Expectations prints in its own words (patterns), and what stands there instead."""
