"""S29 医师、机构超能力, slowly."""

from tests.screening.references.reading import Found, Hits, Row, group, reads, share, total


@reads
def find(lines: list[Row], visits: list[Row], tables: dict[str, list[Row]], p: dict[str, int]) -> Found:
    hits = Hits()
    signed = [r for r in lines if r["bilg_dr_codg"]]
    outpatient = [r for r in signed if r["kind"] == "OP"]
    for (institution, _, day), found in group(outpatient, "fixmedins_code", "bilg_dr_codg", "day").items():
        seen = len({r["mdtrt_id"] for r in found})
        if seen > p["patients"]:
            hits.add("a", institution, "", day, share(total(found, "cents"), seen - p["patients"], seen))
    persons = {row["bilg_dr_codg"]: row["psn_no"] for row in tables["doctor_persons"]}
    for row in signed:
        ill = persons.get(row["bilg_dr_codg"])
        stays = [v for v in visits if v["kind"] == "IP" and v["psn_no"] == ill]
        if any(v["begin"] < row["day"] < v["end"] for v in stays):
            hits.add("b", row["fixmedins_code"], "", row["day"], row["cents"])
    hours = [{**r, "hour": r["fee_ocur_time"].replace(minute=0, second=0)} for r in outpatient]
    for found in group(hours, "bilg_dr_codg", "hour").values():
        if len({r["fixmedins_code"] for r in found}) > 1:
            for (institution,), part in group(found, "fixmedins_code").items():
                hits.add("c", institution, "", part[0]["day"], total(part, "cents"))
    for machine in tables["equipment"]:
        most = machine["machines"] * machine["daily_capacity"]
        own = [
            r
            for r in lines
            if r["fixmedins_code"] == machine["fixmedins_code"]
            and r["med_list_codg"] == machine["med_list_codg"]
        ]
        for (day,), found in group(own, "day").items():
            count = total(found, "cnt")
            if count > most:
                amount = share(total(found, "cents"), count - most, count)
                hits.add("d", machine["fixmedins_code"], "", day, amount)
    return hits.result()
