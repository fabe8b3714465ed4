"""What `bass bench churn` prints: the churn library on data of other people, on planted truth, and against the clock.

    python -m tests.benchmarks.churn [--only third-party|planted|campaign|speed|warehouse] [--quick] [--home HOME]
"""

from __future__ import annotations

import sys
from typing import Any

from orchestration.settings import Home
from tests.benchmarks import churn_features, churn_planted, churn_speed, churn_third_party, churn_warehouse, printed
from tests.benchmarks.printed import table
from tests.third_party.churn_sets import SETS


def third_party(quick: bool) -> None:
    print("\n## Data of other people (mean of folds; `anywhere` parts copies of a row as the record did)")
    repeats = 1 if quick else churn_third_party.REPEATS
    table(churn_third_party.measured(each, together=together, repeats=repeats)
          for each in SETS for together in (True, False)
          if together or churn_third_party.copies(each, each.frame()))


def planted(quick: bool) -> None:
    print("\n## Planted hazard, 20,000 subscriptions, out of time and other persons; "
          "Bayes - .02 <= auc <= Bayes + 3 standard errors, slope .9 to 1.1")
    table(churn_planted.hazard(seed, 5_000 if quick else 20_000) for seed in range(1, 2 if quick else 6))


def campaign(quick: bool) -> None:
    print("\n## Planted campaign with sleeping dogs: worth per customer of the list by uplift and of the list by risk")
    table(churn_planted.campaign(seed) for seed in range(1, 2 if quick else 6))


def speed(quick: bool) -> None:
    print("\n## Seconds and memory: fit on 11 months, score and evaluate the twelfth, 40 features")
    table(churn_speed.measured(persons) for persons in ((2_000,) if quick else (20_000, 200_000)))


def warehouse(quick: bool, home: Home) -> None:
    """What needs a built sample: `quick` leaves the model out."""
    if said := churn_warehouse.missing(home):
        print(f"\n## In the warehouse: {said}")
        return
    with churn_warehouse.reader(home) as connection:
        ask = churn_warehouse.asker(connection)
        print(f"\n## In the warehouse of {home.root}: losses of each view and of theme 1, by month and organisation")
        table(churn_warehouse.views(ask))
        print("\n## Where leavers went, where the warehouse shows a rival")
        table(churn_warehouse.directions(ask))
        print("\n## Labels and what truly happened, by month of leaving")
        table(churn_warehouse.labels(ask))
        print("\n## By what the cause of a leaver was told, and how often it is the true one")
        table(churn_warehouse.evidence(ask))
        print("\n## Planted drivers and the features that show them (correlation, or share of rows that agree)")
        table(churn_warehouse.drivers(ask))
    print("\n## Seconds of the feature models in the last build")
    table(churn_warehouse.seconds(home))
    print("\n## All features counted again from nothing, in a process of its own")
    table([churn_features.in_child(home)])
    if not quick:
        _model(printed.in_child("tests.benchmarks.churn_warehouse", str(home.root)))


def _model(found: dict[str, Any]) -> None:
    print("\n## Out of time: fitted on earlier as-of months, judged on the newest with labels; planted chance beside"
          "\n   (`drivers`: the same people and months, fitted on the planted drivers instead of our features)")
    listed = ("causes", "families")
    table({"figure": name, "value": value} for name, value in found.items() if name not in listed)
    for name in listed:
        print(f"\n## {name.capitalize()} in that month")
        table(found.get(name, []))


SECTIONS = {"third-party": third_party, "planted": planted, "campaign": campaign, "speed": speed}


def main(arguments: list[str] | None = None) -> int:
    return printed.run("churn", __doc__.split("\n")[0], SECTIONS, arguments, warehouse)


if __name__ == "__main__":
    sys.exit(main())
