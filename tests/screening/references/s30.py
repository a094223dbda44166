"""S30 数据质量（诊断缺失、明细雷同、整数金额、夜间集中）, slowly."""

from tests.screening.references.reading import Found, Hits, Row, group, reads


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    rows = [{**v, "month": v["setl_time"].date().replace(day=1)} for v in visits if v["kind"] != "PH"]
    for (institution, month), found in group(rows, "fixmedins_code", "month").items():
        if len(found) < p["month_visits"]:
            continue
        blank = sum(not v["diag_code"] for v in found)
        whole = sum(v["fee"] % 1000 == 0 for v in found)
        night = sum(v["setl_time"].hour < p["night_until"] for v in found)
        for variant, count, limit in (
            ("a", blank, "blank_percent"),
            ("c", whole, "round_percent"),
            ("d", night, "night_percent"),
        ):
            if count * 100 >= len(found) * p[limit]:
                hits.add(variant, institution, "", month, 0)
    alike: dict[tuple[object, ...], set[str]] = {}
    for found in group([r for r in lines if r["kind"] == "OP"], "mdtrt_id").values():
        if len(found) >= p["alike_lines"]:
            content = tuple(sorted((r["med_list_codg"], r["cnt"], r["cents"]) for r in found))
            month = min(r["day"] for r in found).replace(day=1)
            alike.setdefault((found[0]["fixmedins_code"], month, content), set()).add(found[0]["psn_no"])
    for (institution, month, _), persons in alike.items():
        if len(persons) >= p["alike_persons"]:
            hits.add("b", institution, "", month, 0)  # type: ignore[arg-type]
    return hits.result()
