"""S12 超限定支付范围, slowly."""

from tests.screening.references.reading import Found, Hits, Row, group, reads, total


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    paid = [line for line in lines if line["cents"] > 0]
    for (item, kind), alternatives in group(tables["pay_limits"], "med_list_codg", "kind").items():
        here = [line for line in paid if line["med_list_codg"] == item]
        values = {row["value"] for row in alternatives}
        if kind == "days":
            _too_long(hits, here, max(int(value) for value in values))
            continue
        if kind == "second_line":
            beginning = min(line["day"] for line in lines)
            for line in here:
                if (line["day"] - beginning).days >= p["history_days"] and not _had(lines, line, values):
                    hits.add(kind, line["fixmedins_code"], line["psn_no"], line["day"], line["cents"])
            continue
        for line in here:
            if not _holds(line, kind, values):
                hits.add(kind, line["fixmedins_code"], line["psn_no"], line["day"], line["cents"])
    return hits.result()


def _holds(line: Row, kind: str, values: set[str]) -> bool:
    if kind == "maternity":
        return line["insutype"] == "510" or line["med_type"] in ("51", "52")
    if kind == "inpatient":
        return line["kind"] in ("IP", "DAY")
    if kind == "level":
        return not line["hosp_lv"] or line["hosp_lv"] in values
    if kind == "diagnosis":
        return not line["diag_code"] or any(line["diag_code"].startswith(value) for value in values)
    return False


def _too_long(hits: Hits, lines: list[Row], most: int) -> None:
    for rows in group(lines, "mdtrt_id").values():
        late = sorted({r["day"] for r in rows})[most:]
        if late:
            amount = total([r for r in rows if r["day"] in late], "cents")
            hits.add("days", rows[0]["fixmedins_code"], rows[0]["psn_no"], late[0], amount)


def _had(lines: list[Row], line: Row, items: set[str]) -> bool:
    """Whether the person used one of the items on an earlier day."""
    return any(
        each["psn_no"] == line["psn_no"] and each["med_list_codg"] in items and each["day"] < line["day"]
        for each in lines
    )
