"""What `bass bench value` prints: the value library on published cohorts, on planted truth, and against the clock.

    python -m tests.benchmarks.value [--only third-party|retention|segments|ranges|speed|warehouse] [--quick]
"""

from __future__ import annotations

import sys

import polars as pl

from orchestration.analytics import customer_value, lifetime_value
from orchestration.settings import Home
from tests.benchmarks import printed, value_planted, value_speed, value_warehouse
from tests.benchmarks.printed import table
from tests.planted_value import BLOBS
from tests.third_party import churn_sets, retention_cohorts


def third_party(quick: bool) -> None:
    print("\n## Published cohorts, fitted on years 1 to 7: parameters to .001; years 8 to 12 within 3 %")
    table(_cohort(name, model) for name in retention_cohorts.SURVIVORS for model in lifetime_value.MODELS)


    print("\n## Segments of a published table (IBM Telco: charges a month, charges in all, tenure)")
    table(_telco())


def _telco() -> list[dict[str, object]]:
    frame = churn_sets.SETS[0].frame().with_row_index("customer")
    scheme = customer_value.segment(frame, features=["monthly_charges", "total_charges", "tenure"], entity="customer")
    return customer_value.segments(scheme).filter(pl.col("segment") > 0).select(
        "segment", "share", pl.col("jaccard").fill_null(float("nan")), "status", "segment_label").to_dicts()


def _cohort(name: str, model: str) -> dict[str, object]:
    frame, held_out = retention_cohorts.cohort(name), retention_cohorts.HELD_OUT
    curve = lifetime_value.fit_retention(frame.head(frame.height - held_out), model=model)
    tested = lifetime_value.backtest(frame, held_out=held_out, models=[model])
    told = ", ".join(f"{parameter} {estimate:.4f}" for parameter, estimate in
                     lifetime_value.parameters(curve).select("parameter", "estimate").iter_rows())
    inside = ((tested["ci_low"] <= tested["observed"]) & (tested["observed"] <= tested["ci_high"])).sum()
    return {"cohort": name, "model": model, "mape": lifetime_value.held_out_error(tested)["mape"][0],
            "log_likelihood": curve.log_likelihood, "years_inside": f"{inside} of {held_out}", "parameters": told}


def retention(quick: bool) -> None:
    print("\n## Planted cohorts of 20,000 over 24 periods: estimates within 2.5 standard errors, survival "
          "within 1 point")
    table(value_planted.retention(alpha, beta, seed) for alpha, beta in ((0.668, 3.806), (1.2, 20.0))
          for seed in range(1, 2 if quick else 6))
    seeds = range(20 if quick else 300)
    found = [value_planted.retention(1.2, 20.0, seed, customers=2000) for seed in seeds]
    print(f"intervals at 95 % over {len(seeds)} cohorts of 2,000: survival inside in "
          f"{sum(each['curve_inside'] for each in found) / len(seeds):.3f}, worth over 36 periods in "
          f"{sum(each['worth_inside'] for each in found) / len(seeds):.3f}")


def segments(quick: bool) -> None:
    print("\n## Planted groups (40/25/20/10/5 %), the recipe of the notes: ARI >= .9 x that of the true densities from "
          "separation 3 on")
    table(value_planted.segments(separation, 3, apart=False) for separation in ((4,) if quick else (2, 2.5, 3, 4)))
    if not quick:
        print("\n## The same with the two nearest centres at that distance; kept: same label a month later")
        table(value_planted.segments(separation, seed, apart=True) for separation in (3, 4) for seed in range(1, 6))
    print("\n## One group of customers in many shapes: it must be said that there are no segments")
    table(value_planted.blob(kind, seed) for kind in (BLOBS[:2] if quick else BLOBS)
          for seed in ((1,) if quick else (1, 2)))


def ranges(quick: bool) -> None:
    print("\n## Watch: 3,000 accounts with a season, third year; false alarms at k = 4 and k = 3, breaks "
          "that were seen")
    table(value_planted.watched(seed, noise, growth, broken)
          for noise, growth in ((0.08, 0.0), (0.02, 0.0), (0.08, 0.01))
          for broken in (0.6, 1.5) for seed in ((1,) if quick else (1, 2)))
    print("\n## Potential: customers below the 80 % and 90 % quantiles of their peers; the same where spend "
          "varies more, and less")
    table(value_planted.peers(seed) for seed in range(1, 2 if quick else 6))
    print("\n## Concentration of log-normal spend: intervals at 95 % that hold the truth")
    table([value_planted.concentration(range(20 if quick else 300))])


def speed(quick: bool) -> None:
    print("\n## Seconds and memory: six features, 24 months of spend")
    table(value_speed.measured(entities) for entities in ((2_000,) if quick else (20_000, 200_000)))


def warehouse(quick: bool, home: Home) -> None:
    """Sum of value against theme 3, segments against active customers, classes against the truth."""
    if said := value_warehouse.missing(home):
        print(f"\n## In the warehouse: {said}")
        return
    with value_warehouse.reader(home) as ask:
        print("\n## Value of all customers against the revenue of theme 3: the difference is 0.00 in every month")
        table(value_warehouse.sums(ask))
        print("\n## Segments: wrong_months (not every active customer once) and rows_not_1 are 0")
        table(value_warehouse.segments(ask))
        print("\n## Large customers by rule, flag by flag and with their revenue, against the truth: none differ")
        table(value_warehouse.classes(ask))
        print("\n## Revenue of groups at the top with those below, by payer, fen: equal to the truth")
        table(value_warehouse.groups(ask))
        print("\n## What is published, and what is refused")
        table(value_warehouse.told(ask))
    print("\n## Seconds of the models in the last build")
    table(value_warehouse.seconds(home))


SECTIONS = {"third-party": third_party, "retention": retention, "segments": segments, "ranges": ranges, "speed": speed}


def main(arguments: list[str] | None = None) -> int:
    return printed.run("value", __doc__.split("\n")[0], SECTIONS, arguments, warehouse)


if __name__ == "__main__":
    sys.exit(main())
