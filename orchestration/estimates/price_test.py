"""Finished price changes rehearsed: what would have been told of each without its own offer, and what was then seen."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from orchestration.estimates.price_events import changes, months_of
from orchestration.estimates.price_source import COMPONENTS, Source

CARD = {"section": pl.String, "item": pl.String, "estimate": pl.Float64, "ci_low": pl.Float64, "ci_high": pl.Float64,
        "ci_level": pl.Float64, "n_obs": pl.Int64, "detail": pl.String, "status": pl.String}
SCHEMA = {"component_code": pl.String, "offer_id": pl.String, "changed_on": pl.Date, "price_change": pl.Float64,
          "seen_change": pl.Float64, "volume_change": pl.Float64, "ci_low": pl.Float64, "ci_high": pl.Float64,
          "ci_level": pl.Float64, "is_covered": pl.Boolean, "status": pl.String}
LEAST_OTHERS = 5  # offers that moved, the one that is rehearsed left out: one fewer than an estimate needs


def back_test(source: Source, month: date, cross: dict[str, tuple[str, ...]]) -> pl.DataFrame:
    """One row per price change that has months enough on both sides: the interval told by all other offers for its
    use per subscription, and the change seen against them."""
    window, rows = int(source.parameters["price_event_months"]), []
    for component in COMPONENTS:
        offers = source.offers(component, month).filter(pl.col("use") > 0, pl.col("unit_price_amt") > 0)
        for offer, changed_on in changes(offers):
            sides = months_of(changed_on, window)
            own = offers.filter(pl.col("offer_id") == offer)
            if set(sides[0] + sides[1]) <= set(own["as_of_month"]):
                rows.append({"component_code": component, "offer_id": offer, "changed_on": changed_on,
                             **_rehearsed(source, component, month, offer, sides, cross[component])})
    return pl.DataFrame(rows, schema=SCHEMA)


def _rehearsed(source: Source, component: str, month: date, offer: str, sides: tuple[list[date], list[date]],
               cross: tuple[str, ...]) -> dict[str, object]:
    from orchestration.analytics import price_elasticity as pe

    level = source.parameters["price_what_if_level_pct"] / 100
    offers = source.offers(component, month).filter(pl.col("use") > 0, pl.col("unit_price_amt") > 0)
    own, others = offers.filter(pl.col("offer_id") == offer), offers.filter(pl.col("offer_id") != offer)
    (old,), (new,) = (own.filter(pl.col("as_of_month") == day)["unit_price_amt"] for day in (sides[0][-1], sides[1][0]))
    change, coded = new / old - 1, {name: [0.0] for name in ("unit_price_amt", *cross)}
    cells = source.cells(component, month).filter(pl.col("offer_id") != offer)
    row = pe.estimate(cells, quantity="use", price="unit_price_amt", unit="unit", period="as_of_month",
                      cluster="offer_id", cross_prices=list(cross), coded=coded,
                      limits=pe.Limits(least_clusters=LEAST_OTHERS)).row(0, named=True)
    told: dict[str, object] = {"price_change": change, "ci_level": level, "status": row["status"]}
    if row["status"] != "ok":
        return told
    other = pe.other_causes_sd(others, quantity="use", price="unit_price_amt", unit="unit", period="as_of_month",
                               elasticity=row["estimate"], window=len(sides[0]))
    observed = pe.observed_changes(offers, price="unit_price_amt", unit="unit", period="as_of_month")
    (found,) = pe.what_if(row["estimate"], row["std_error"], observed=observed, changes=(change,), level=level,
                          clusters=row["n_moved_clusters"], other_sd=other).iter_rows(named=True)
    seen = _seen(own, others, row["estimate"], sides)
    low, high = found["volume_change_low"], found["volume_change_high"]
    covered = None if low is None else bool(low <= seen <= high)
    return {**told, "seen_change": seen, "volume_change": found["volume_change"], "ci_low": low, "ci_high": high,
            "is_covered": covered, "status": found["status"]}


def _seen(own: pl.DataFrame, others: pl.DataFrame, elasticity: float, sides: tuple[list[date], list[date]]) -> float:
    """Change of the offer's use, as a share, less what moved all others once their own prices are accounted for."""
    left = others.select("as_of_month", left=pl.col("use").log() - elasticity * pl.col("unit_price_amt").log())
    apart = own.select("as_of_month", pl.col("use").log()).join(
        left.group_by("as_of_month").agg(pl.col("left").mean()), on="as_of_month")
    before, after = (apart.filter(pl.col("as_of_month").is_in(side)).select(
        (pl.col("use") - pl.col("left")).mean()).item() for side in sides)
    return float(np.exp(after - before) - 1)


def card(tested: pl.DataFrame) -> pl.DataFrame:
    """How often the interval held what was seen; without a rehearsal that could be told there is no figure."""
    told = tested.filter(pl.col("status") == "ok")
    level = tested["ci_level"][0] if tested.height else None
    share = told["is_covered"].mean() if told.height else None
    row = {"section": "back_test", "item": "covered_share", "estimate": share, "ci_level": level, "n_obs": told.height,
           "detail": f"{told.height} of {tested.height} finished price changes could be told without their own offer",
           "status": "ok" if told.height else "low_n"}
    return pl.DataFrame([row], schema=CARD)
