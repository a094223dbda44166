"""Stays of netted heads, obvious and slow."""

from include.domain.settlements import INPATIENT


def stays(settlements):
    """One dict per inpatient visit."""
    visits = {}
    for head in settlements:
        if head["med_type"] not in INPATIENT:
            continue
        key = (head["psn_no"], head["fixmedins_code"], head["mdtrt_id"])
        visits.setdefault(key, []).append(head)
    return [
        {
            **heads[0],
            "begin": min(each["begndate"] for each in heads).date(),
            "end": max(each["enddate"] for each in heads).date(),
            "med_type": min(each["med_type"] for each in heads),
            "diag_code": min(each["diag_code"] or "" for each in heads),
            "fund": sum(each["fund_pay_sumamt"] for each in heads),
        }
        for heads in visits.values()
    ]


def net_heads(settlements):
    """Valid heads without refunds and what they took back."""
    heads = [each for each in settlements if each["vali_flag"] == "1" and each["medfee_sumamt"] != 0]
    kept = sorted(
        (each for each in heads if each["refd_setl_flag"] != "1"),
        key=lambda each: (each["setl_time"], each["setl_id"]),
    )
    for refund in heads:
        if refund["refd_setl_flag"] == "1":
            for each in kept:
                if (
                    each["mdtrt_id"] == refund["mdtrt_id"]
                    and each["medfee_sumamt"] == -refund["medfee_sumamt"]
                ):
                    kept.remove(each)
                    break
    return kept


def net_lines(details, heads):
    """Settled lines with positive net quantity; each carries its head under ``head``."""
    by_id = {each["setl_id"]: each for each in heads}
    lines = []
    reversals = [each for each in details if each["cnt"] < 0]
    for line in details:
        if line["cnt"] <= 0 or line.get("setl_id") not in by_id:
            continue
        back = [
            each
            for each in reversals
            if each["mdtrt_id"] == line["mdtrt_id"] and each.get("init_feedetl_sn") == line["feedetl_sn"]
        ]
        net = {
            **line,
            "head": by_id[line["setl_id"]],
            "day": line["fee_ocur_time"].date(),
            **{
                name: line[name] + sum(each[name] for each in back)
                for name in ("cnt", "det_item_fee_sumamt", "inscp_scp_amt")
            },
        }
        if net["cnt"] > 0:
            lines.append(net)
    return lines
