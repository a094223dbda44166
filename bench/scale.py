"""How far it goes: a province's day, the nation's units, two hundred campaigns.

python -m bench.scale [nation] [province] [campaigns]

All three when none is named. ``nation`` needs PostgreSQL, some 5 GB of disk and of memory; at its own sizes
it saves its picture to docs/pictures/scale.svg. ``campaigns`` runs an Airflow for some ten minutes, on a working day in China, before 23:00.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from pathlib import Path

import altair
import vl_convert

from bench import scale_campaigns, scale_nation, scale_province
from bench.scale_nation import BARS, Measured
from include.settings import ROOT
from tests.gateways import postgres

PICTURE = ROOT / "docs" / "pictures" / "scale.svg"
SHOWN = tuple(BARS)


def nation(sizes: tuple[int, ...]) -> None:
    """Growth as a table, a picture and one line of JSON; seconds by the clock, of the processors behind them."""
    found = scale_nation.measured(sizes)
    print(f"{'seconds (of the processors)':28}" + "".join(f"{each.size:>20,}" for each in found))
    for part in found[0].costs:
        costs = [each.costs[part] for each in found]
        print(f"{part:28}" + "".join(f"{cost.wall:11.2f} ({cost.busy:6.1f})" for cost in costs))
    print(f"{'peak MB':28}" + "".join(f"{each.peak_mb:20,.0f}" for each in found))
    if sizes == scale_nation.SIZES:
        PICTURE.write_text(picture(found), encoding="utf-8")
    nation = found[-1]
    print(
        json.dumps(
            {
                "bench": "scale nation",
                "size": nation.size,
                "seconds": {part: round(nation.costs[part].wall, 2) for part in SHOWN},
                "busy": {part: round(nation.costs[part].busy, 2) for part in SHOWN},
                "bars": BARS,
                "growth": {part: round(exponent(found, part), 2) for part in SHOWN},
                "peak_mb": round(nation.peak_mb),
            }
        )
    )


def exponent(found: list[Measured], part: str) -> float:
    """By which power of the units the processors' seconds grow over the last two sizes; 1 is linear."""
    before, last = found[-2:] if len(found) > 1 else (found[0], found[0])
    if before is last:
        return 1.0
    return math.log(last.costs[part].busy / before.costs[part].busy) / math.log(last.size / before.size)


def picture(found: list[Measured]) -> str:
    """Seconds of the processors over units, both by powers of ten, as SVG; a slope of one is linear growth."""
    rows = [
        {"units": each.size, "seconds": each.costs[part].busy, "part": part}
        for each in found
        for part in SHOWN
    ]
    ends = {"scale": altair.Scale(type="log")}
    chart = (
        altair.Chart(altair.Data(values=rows), width=560, height=340)
        .mark_line(point=True)
        .encode(
            x=altair.X("units:Q", title="units", axis=altair.Axis(format="~s", tickCount=4), **ends),
            y=altair.Y(
                "seconds:Q",
                title="seconds of the processors",
                axis=altair.Axis(format="~g", tickCount=5),
                **ends,
            ),
            color=altair.Color("part:N", title=None, sort=list(SHOWN)),
        )
    )
    return str(vl_convert.vegalite_to_svg(chart.to_dict()))


def province(units: int, returns: int) -> None:
    """The day on both databases, and with a tenth of the returns, whose memory must be no other."""
    with postgres.running(options=postgres.DURABLE) as server, tempfile.TemporaryDirectory() as folder:
        for kind, new in (
            ("postgres", server.create),
            ("sqlite", lambda name: f"sqlite:///{Path(folder) / name}.db"),
        ):
            few, all_of_them = (
                scale_province.measured(new(f"province_{number}"), units, number)
                for number in (returns // 10, returns)
            )
            for task, cost in all_of_them.costs.items():
                print(f"{kind:10}{task:24}{cost.wall:9.2f} s ({cost.busy:.1f} of the processors)")
            print(
                json.dumps(
                    {
                        "bench": "scale province",
                        "database": kind,
                        "units": all_of_them.units,
                        "returns": all_of_them.returns,
                        "mails": all_of_them.mails,
                        "seconds": round(all_of_them.wall, 1),
                        "busy": round(all_of_them.busy, 1),
                        "bar": scale_province.BAR,
                        "peak_mb": round(all_of_them.peak_mb),
                        "peak_mb_of_a_tenth": round(few.peak_mb),
                    }
                )
            )


def campaigns(number: int) -> None:
    loop, late = scale_campaigns.measured(number)
    print(f"phases started after {', '.join(f'{each:.0f}' for each in late)} s")
    print(
        json.dumps(
            {
                "bench": "scale campaigns",
                "campaigns": number,
                "dags": loop.dags,
                "files": loop.files,
                "read_all_seconds": round(loop.once, 1),
                "read_all_busy": round(loop.busy, 1),
                "interval": scale_campaigns.INTERVAL,
                "between_readings": round(loop.between, 1),
                "longest_between": round(loop.longest_between, 1),
                "last_phase_started_s": round(late[-1], 1),
                "bar": scale_campaigns.BAR,
            }
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="nation, province, campaigns")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=list(scale_nation.SIZES), help="units of a nation"
    )
    parser.add_argument(
        "--units", type=int, default=scale_province.UNITS, help="of a province (default: %(default)s)"
    )
    parser.add_argument(
        "--returns", type=int, default=scale_province.RETURNS, help="of its day (default: %(default)s)"
    )
    parser.add_argument("--campaigns", type=int, default=200, help="default: %(default)s")
    asked = parser.parse_args()
    parts = {
        "nation": lambda: nation(tuple(asked.sizes)),
        "province": lambda: province(asked.units, asked.returns),
        "campaigns": lambda: campaigns(asked.campaigns),
    }
    if unknown := set(asked.parts) - set(parts):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    for name in asked.parts or parts:
        parts[name]()


if __name__ == "__main__":
    main()
