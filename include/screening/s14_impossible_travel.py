"""S14 短时跨机构刷卡: one card at two institutions sooner than its holder could get from one to the other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import NumericValue, Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import Data, in_cents
from include.screening.measures import finding, listed, said, strongest

RULE = Rule(
    key="impossible_travel",
    number="S14",
    title="短时跨机构刷卡",
    basis="《医疗保障基金使用监督管理条例》第十七条、第四十一条",
    logic="同一参保人先后在两家机构门诊或购药，间隔短于规定分钟数（有机构坐标的，短于按时速计算的路程用时）；"
    "同日在多家机构结算的只作提示",
    result=Result.SUSPECT,
    interval="自然日",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter("minutes", "最短间隔（无坐标时）", Decimal(30), Decimal(5), Decimal(120), "分钟"),
        Parameter("speed", "路程时速（有坐标时）", Decimal(60), Decimal(30), Decimal(1000), "公里/小时"),
        Parameter("institutions", "同日机构数（仅提示）", Decimal(3), Decimal(3), Decimal(10), "家"),
    ),
    caveats=(
        "有坐标的只按路程判断，不再看是否满规定分钟数：相邻的医院和药店几分钟内先后结算属正常",
        "互联网医院、双通道药店与其处方医院之间不算：列入清单",
        "家庭共济账户支付的、结算日不是就诊日的、只有日期没有时刻的不算",
        "他人代为购药、乘坐高铁飞机需核实",
    ),
)

EARTH_KM = 6371.0


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    """Lists, each may be missing: ``places`` (fixmedins_code, longitude and latitude in degrees, online 1 for an
    internet hospital), ``linked_places`` (fixmedins_code, other_codg: a hospital and its outside pharmacy).
    """
    cards = _cards(data)
    return strongest(*_too_soon(cards, data, p), _many_places(cards, p))


def _cards(data: Data) -> Table:
    """Settlements made in person at a known time."""
    s = data.settlements
    s = s.mutate(second=s.setl_time.epoch_seconds(), day=s.setl_time.date())
    s = s.filter(
        s.scene.isin(["outpatient", "pharmacy"])
        & (s.day == s.enddate.date())
        & (s.second % 86_400 != 0)
        & (s.acct_mulaid_pay.fill_null(0) == 0)
    )
    s = s.mutate(cents=in_cents(s.inscp_scp_amt))
    places = listed(
        data, "places", "fixmedins_code", longitude="float64", latitude="float64", online="string"
    )
    places = places.group_by("fixmedins_code").agg(
        longitude=places.longitude.max(), latitude=places.latitude.max(), online=places.online.max()
    )
    columns = ["psn_no", "fixmedins_code", "mdtrt_id", "setl_id", "second", "day", "cents"]
    cards = s.select(columns).left_join(places, "fixmedins_code").drop("fixmedins_code_right")
    return cards.filter(cards.online.fill_null("") != "1")


def _too_soon(cards: Table, data: Data, p: Mapping[str, int | float]) -> tuple[Table, Table]:
    """Each settlement against the person's last one; two that are too close have two neighbours that are."""
    in_turn = ibis.window(group_by="psn_no", order_by=[cards.second, cards.setl_id])
    cards = cards.mutate(
        before=cards.fixmedins_code.lag().over(in_turn),
        gap=cards.second - cards.second.lag().over(in_turn),
        visit_before=cards.mdtrt_id.lag().over(in_turn),
        from_longitude=cards.longitude.lag().over(in_turn),
        from_latitude=cards.latitude.lag().over(in_turn),
    )
    moved = cards.filter(cards.before.notnull() & (cards.before != cards.fixmedins_code))
    moved = moved.anti_join(_linked(data), ["fixmedins_code", "before"])
    moved = moved.mutate(km=_kilometres(moved))
    by_time = moved.filter(moved.km.isnull() & (moved.gap < p["minutes"] * 60))
    by_way = moved.filter(moved.km.notnull() & (moved.gap * p["speed"] < moved.km * 3600))
    return _hit(by_time, "a", p["minutes"]), _hit(by_way, "b", by_way.km)


def _linked(data: Data) -> Table:
    """Pairs of institutions it is ordinary to visit one after the other, both ways."""
    pairs = listed(data, "linked_places", "fixmedins_code", other_codg="string").rename(before="other_codg")
    turned = pairs.select(fixmedins_code="before", before="fixmedins_code")
    return ibis.union(pairs.select("fixmedins_code", "before"), turned)


def _kilometres(moved: Table) -> NumericValue:
    """The great circle between the two places (haversine), null where a place is not known."""
    here, there = moved.latitude.radians(), moved.from_latitude.radians()
    apart = ((here - there) / 2).sin() ** 2
    around = ((moved.longitude - moved.from_longitude).radians() / 2).sin() ** 2
    return 2 * EARTH_KM * (apart + here.cos() * there.cos() * around).sqrt().asin()


def _hit(moved: Table, variant: str, limit: NumericValue | float) -> Table:
    return finding(
        moved,
        variant,
        person=moved.psn_no,
        start=moved.day,
        end=moved.day,
        cents=moved.cents,
        measure=moved.gap / 60,
        limit=limit,
        item=moved.before,
        visits=ibis.array([moved.visit_before, moved.mdtrt_id]),
    )


def _many_places(cards: Table, p: Mapping[str, int | float]) -> Table:
    """Days at many institutions, told of the last one; no money, as most of them have good reasons."""
    day = ["psn_no", "day"]
    last = ibis.row_number().over(group_by=day, order_by=[cards.second.desc(), cards.setl_id.desc()])
    cards = cards.mutate(place=last)
    days = cards.group_by(day).agg(
        fixmedins_code=cards.fixmedins_code.max(where=cards.place == 0),
        places=cards.fixmedins_code.nunique(),
        visits=cards.mdtrt_id.collect(distinct=True),
    )
    days = days.filter(days.places >= p["institutions"])
    return finding(
        days,
        "c",
        person=days.psn_no,
        start=days.day,
        end=days.day,
        cents=ibis.literal(0),
        measure=days.places,
        limit=p["institutions"],
        visits=days.visits,
    )


def explain(hit: Hit) -> str:
    variant, before, measure, limit = said(hit)
    return {
        "a": f"在{before}结算后仅隔{measure:.1f}分钟又在本机构结算，短于{limit:.0f}分钟，疑似非本人持卡就医购药。",
        "b": f"在{before}结算后仅隔{measure:.1f}分钟又在相距{limit:.1f}公里的本机构结算，短于路程所需时间。",
        "c": f"同日在{measure:.0f}家机构门诊或购药，仅作提示，不计疑点金额。",
    }[variant]
