"""What `bass bench elasticity` prints: the elasticity library on data of other people, on planted truth, and what it
refuses.

    python -m tests.benchmarks.elasticity [--only PART] [--quick]
"""

from __future__ import annotations

import sys

from orchestration.settings import REPO, Home
from tests.benchmarks import elasticity_planted, elasticity_third_party, elasticity_warehouse, printed
from tests.benchmarks.printed import table

SHARED = REPO.parent / "shared" / "data"


def third_party(quick: bool) -> None:
    print("\n## Cigarettes: ten-year changes of 48 states (published: record, record_se), and linearmodels beside it")
    table(elasticity_third_party.ten_year_changes())
    print("\n## Cigarettes: 46 states × 30 years (its SOURCE.md), static and with lagged sales")
    if SHARED.is_dir():
        table(elasticity_third_party.states_and_years(SHARED))
    else:
        print("not here: the panel lies beside the repository")


def planted(quick: bool) -> None:
    print("\n## Planted elasticities, price set partly on demand, told by cost: |bias| <= allowed, coverage 92-98 %")
    table(elasticity_planted.truth(own, 20 if quick else 200) for own in (-0.1, -0.5, -1.0, -1.5))


def clusters(quick: bool) -> None:
    print("\n## Few plans, few whose price changed: coverage of the 95 % interval beside that of CRV1, t of all")
    seeds = 20 if quick else 300
    table(elasticity_planted.few_clusters(plans, seeds, changed) for plans, changed in
          ((6, None), (10, None), (20, None), (40, None), (30, 3), (30, 6), (30, 15)))


def changes(quick: bool) -> None:
    print("\n## Staggered price changes (truth -0.8); `trend`: quantity moved before the price did")
    seeds = 10 if quick else 200
    table(elasticity_planted.staggered(seeds, **kind) for kind in ({}, {"trend": -0.1}))
    print("\n## Short run -0.4 and long run -0.4 / (1 - lasts)")
    table(elasticity_planted.long_run(lasts, periods, seeds, correction) for lasts in (0.3, 0.6) for periods in (24, 36)
          for correction in ("none", "half_panel"))


def refusals(quick: bool) -> None:
    print("\n## What cannot be told: status, and no number")
    table(elasticity_planted.refusals())


def rehearsal(quick: bool) -> None:
    print("\n## What-if intervals of 80 %: the true effect, and what is then seen (75-85 %)")
    table(elasticity_planted.rehearsal(seeds) for seeds in ((20,) if quick else (400,)))


def speed(quick: bool) -> None:
    print("\n## Seconds and memory: 24 months of subscriptions, 40 plans, two-way effects")
    table(printed.in_child("tests.benchmarks.elasticity_speed", str(count))
          for count in ((2_000,) if quick else (20_000, 200_000)))


def warehouse(quick: bool, home: Home) -> None:
    """What needs a built sample: planted elasticities against the published ones, refusals, rehearsals, seconds."""
    if said := elasticity_warehouse.missing(home):
        print(f"\n## In the warehouse: {said}")
        return
    with elasticity_warehouse.reader(home) as ask:
        print(f"\n## In the warehouse of {home.root}: use per subscription, newest month, everybody together")
        table(elasticity_warehouse.newest(ask))
        print("\n## The planted ones by as-of month: told, and inside their 95 % interval")
        table(elasticity_warehouse.by_month(ask))
        print("\n## What is published, and what is refused")
        table(elasticity_warehouse.told(ask))
        print("\n## Finished price changes, each told by the other offers")
        table(elasticity_warehouse.rehearsed(ask))
    print("\n## Seconds of the models in the last build")
    table(elasticity_warehouse.seconds(home))
    print("\n## All tables of the newest month made again, in a process of its own")
    table([printed.in_child("tests.benchmarks.elasticity_warehouse", str(home.root))])


SECTIONS = {"third-party": third_party, "planted": planted, "clusters": clusters, "changes": changes,
            "refusals": refusals, "rehearsal": rehearsal, "speed": speed}


def main(arguments: list[str] | None = None) -> int:
    return printed.run("elasticity", __doc__.split("\n")[0], SECTIONS, arguments, warehouse)


if __name__ == "__main__":
    sys.exit(main())
