"""S19 血透频次, slowly."""

from datetime import timedelta

from tests.screening.references.reading import Found, Hits, Row, by_item, group, reads, share, total


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    kinds = {code: row["kind"] for code, row in by_item(tables["dialysis_items"]).items()}
    rows = [{**line, "use": kinds[line["med_list_codg"]]} for line in lines if line["med_list_codg"] in kinds]
    for row in rows:
        row["week"] = row["day"] - timedelta(days=row["day"].weekday())
        row["month"] = row["day"].replace(day=1)
    sessions = [row for row in rows if row["use"] == "session"]
    hits = Hits()
    for variant, window, limit in (
        ("a", "week", "week_sessions"),
        ("b", "month", "month_sessions"),
        ("c", "day", "day_sessions"),
    ):
        for (person, start), found in group(sessions, "psn_no", window).items():
            count = total(found, "cnt")
            if count > p[limit]:
                for (institution,), part in group(found, "fixmedins_code").items():
                    amount = share(total(part, "cents"), count - p[limit], count)
                    hits.add(variant, institution, person, start, amount)
    for row in sessions:
        if any(_elsewhere(stay, row) for stay in visits):
            hits.add("d", row["fixmedins_code"], row["psn_no"], row["day"], row["cents"])
    machines = {row["fixmedins_code"]: row["machines"] for row in tables["dialysis_machines"]}
    for (institution, day), found in group(sessions, "fixmedins_code", "day").items():
        count = total(found, "cnt")
        most = machines.get(institution, 0) * p["shifts"]
        if most and count > most:
            hits.add("e", institution, "", day, share(total(found, "cents"), count - most, count))
    _consumables(hits, rows)
    return hits.result()


def _elsewhere(stay: Row, row: Row) -> bool:
    return (
        stay["kind"] == "IP"
        and stay["psn_no"] == row["psn_no"]
        and stay["fixmedins_code"] != row["fixmedins_code"]
        and stay["begin"] < row["day"] < stay["end"]
    )


def _consumables(hits: Hits, rows: list[Row]) -> None:
    for (institution, month), found in group(rows, "fixmedins_code", "month").items():
        sessions = total([r for r in found if r["use"] == "session"], "cnt")
        for (use,), part in group(found, "use").items():
            count = total(part, "cnt")
            if use != "session" and sessions and count > sessions:
                hits.add("f", institution, "", month, share(total(part, "cents"), count - sessions, count))
