"""A tariff that does not exist yet, charged on what people used: their bills, and what becomes of revenue.

Bills at unchanged use are arithmetic. How use would answer is drawn from elasticities with their uncertainty; where
these have no number, or a price leaves the range that was ever observed, there is a status in place of a figure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import norm, t

from orchestration.analytics import inputs
from orchestration.analytics.errors import AnalysisError

COMPONENTS = ("VOICE", "SMS", "DATA")
TAKE_UP = ("all", "cheaper")
DRAWS, LEVEL = 4000, 0.80
SCHEMA = {"status": pl.String, "reason": pl.String, "subscriptions": pl.Int64, "months": pl.Int64,
          "take_up_share": pl.Float64, "now_amt": pl.Float64, "unchanged_use_amt": pl.Float64,
          "expected_amt": pl.Float64, "low_amt": pl.Float64, "high_amt": pl.Float64,
          "chance_revenue_rises": pl.Float64, "ci_level": pl.Float64, "draws": pl.Int64}


@dataclass(frozen=True)
class Tariff:
    """Yuan of a month and of one more unit, and the units that the rental includes, by component."""

    rental: float
    prices: dict[str, float]
    included: dict[str, float]


def bills(people: pl.DataFrame, use: pl.DataFrame, tariff: Tariff) -> pl.DataFrame:
    """One row per subscription and month of `people` with bill_amt: rental, and for each component the units beyond the
    included ones plus those that are never included, at its price; rounded to fen. `use` has subscription_id, month,
    component_code, home (units that may be included) and away (others, times their multiple)."""
    inputs.require_columns(use, ["subscription_id", "month", "component_code", "home", "away"], "bills: use")
    rated = use.with_columns(_charge(tariff).alias("amt")).group_by("subscription_id", "month").agg(pl.col("amt").sum())
    keys = ["subscription_id", "month"]
    billed = people.select(keys).join(rated, on=keys, how="left")
    return billed.select(*keys, bill_amt=(pl.col("amt").fill_null(0.0) + tariff.rental).round(2)).sort(keys)


def compared(people: pl.DataFrame, use: pl.DataFrame, now: Tariff, proposed: Tariff) -> pl.DataFrame:
    """The bills of both tariffs at unchanged use: now_amt, proposed_amt and saving_amt."""
    keys = ["subscription_id", "month"]
    both = bills(people, use, now).rename({"bill_amt": "now_amt"}).join(
        bills(people, use, proposed).rename({"bill_amt": "proposed_amt"}), on=keys)
    return both.with_columns(saving_amt=(pl.col("now_amt") - pl.col("proposed_amt")).round(2)).sort(keys)


def rehearse(people: pl.DataFrame, use: pl.DataFrame, now: Tariff, proposed: Tariff, elasticities: pl.DataFrame,
             observed: dict[str, tuple[float, float]], *, take_up: str = "all", level: float = LEVEL,
             draws: int = DRAWS, seed: int = 0) -> pl.DataFrame:
    """One row: revenue of a month now, at unchanged use, and expected with its interval.

    elasticities: rows of component_code, price_component_code, margin_code, estimate, std_error, n_moved_clusters and
    status. Use answers to its own price and, where that is known, to other prices; people come and go by the margins
    plan_choice and churn, and stay where these have no number. take_up "cheaper": only those go over whose bills of
    these months would have been lower together. Raises AnalysisError for arguments that cannot be used.
    """
    if take_up not in TAKE_UP:
        raise AnalysisError(f"take_up is {take_up!r}: choose one of {', '.join(TAKE_UP)}")
    told = compared(people, use, now, proposed)
    months = max(people["month"].n_unique(), 1)
    totals = told.group_by("subscription_id").agg(pl.col("saving_amt").sum())
    going = totals.filter(pl.col("saving_amt") > 0) if take_up == "cheaper" else totals
    moved = told.join(going.select("subscription_id"), on="subscription_id")
    stay = (told["now_amt"].sum() - moved["now_amt"].sum()) / months
    row: dict[str, object] = {
        "subscriptions": totals.height, "months": months, "ci_level": level, "draws": draws,
        "take_up_share": going.height / totals.height if totals.height else None,
        "now_amt": told["now_amt"].sum() / months, "unchanged_use_amt": stay + moved["proposed_amt"].sum() / months}
    status, reason = _refusal(now, proposed, elasticities, observed, totals.height)
    if status == "ok":
        after = stay + _drawn(moved, use, now, proposed, elasticities, draws, seed) / months
        ends = np.quantile(after, [0.5, (1 - level) / 2, (1 + level) / 2])
        row |= dict(zip(("expected_amt", "low_amt", "high_amt"), ends.tolist(), strict=True))
        row["chance_revenue_rises"] = float((after > row["now_amt"]).mean())
    return pl.DataFrame([{**row, "status": status, "reason": reason}], schema=SCHEMA)


def _charge(tariff: Tariff) -> pl.Expr:
    code = pl.col("component_code")
    price = code.replace_strict(tariff.prices, default=0.0, return_dtype=pl.Float64)
    included = code.replace_strict(tariff.included, default=0.0, return_dtype=pl.Float64)
    return ((pl.col("home") - included).clip(lower_bound=0) + pl.col("away")) * price


def _changes(now: Tariff, proposed: Tariff) -> dict[str, float]:
    """By component whose price of one more unit changes: the logarithm of the change."""
    both = {name: (now.prices.get(name, 0.0), proposed.prices.get(name, 0.0)) for name in COMPONENTS}
    if strange := [name for name, (old, new) in both.items() if old != new and (old <= 0 or new <= 0)]:
        raise AnalysisError(f"the price of {', '.join(strange)} is or becomes 0: an elasticity tells nothing of that")
    return {name: float(np.log(new / old)) for name, (old, new) in both.items() if old != new}


def _refusal(now: Tariff, proposed: Tariff, elasticities: pl.DataFrame, observed: dict[str, tuple[float, float]],
             people: int) -> tuple[str, str]:
    if not people:
        return "low_n", "nobody is on this offer in these months"
    for name, change in _changes(now, proposed).items():
        own = elasticities.filter(pl.col("component_code") == name, pl.col("price_component_code") == name,
                                  pl.col("margin_code") == "usage")
        if own.is_empty() or own["status"][0] != "ok":
            status = own["status"][0] if own.height else "not_identified"
            return status, f"the elasticity of {name} has no number"
        low, high = observed.get(name, (0.0, 0.0))
        if not low - 1e-9 <= np.expm1(change) <= high + 1e-9:
            return "out_of_range", (f"the price of {name} changes by {np.expm1(change):+.1%}, "
                                    f"observed were {low:+.1%} to {high:+.1%}")
    return "ok", ""


def _drawn(moved: pl.DataFrame, use: pl.DataFrame, now: Tariff, proposed: Tariff, elasticities: pl.DataFrame,
           draws: int, seed: int) -> np.ndarray:
    """Revenue of those who go over, all months together, by draw."""
    random, changes = np.random.default_rng(seed), _changes(now, proposed)
    logs = {name: np.zeros(draws) for name in COMPONENTS}
    people = np.zeros(draws)
    known = elasticities.filter(pl.col("status") == "ok", pl.col("price_component_code").is_in(list(changes)))
    for row in known.sort("component_code", "price_component_code", "margin_code").iter_rows(named=True):
        uniform = random.permutation((np.arange(draws) + 0.5) / draws)
        clusters = row["n_moved_clusters"]
        standard = t.ppf(uniform, clusters - 1) if clusters else norm.ppf(uniform)
        answer = (row["estimate"] + row["std_error"] * standard) * changes[row["price_component_code"]]
        if row["margin_code"] == "usage":
            logs[row["component_code"]] += answer
        elif row["component_code"] == row["price_component_code"] and row["margin_code"] in ("plan_choice", "churn"):
            people += answer
    mine = use.join(moved.select("subscription_id", "month"), on=["subscription_id", "month"])
    charged = np.full(draws, proposed.rental * moved.height)
    for name in COMPONENTS:
        part = mine.filter(pl.col("component_code") == name)
        charged = charged + _charged(part, proposed, name, np.exp(logs[name]))
    return charged * np.exp(people)


def _charged(part: pl.DataFrame, tariff: Tariff, name: str, scale: np.ndarray) -> np.ndarray:
    """What all use of a component costs when each is `scale` times as much: those beyond what is included, sorted."""
    home, included = np.sort(part["home"].to_numpy())[::-1], tariff.included.get(name, 0.0)
    sums, beyond = np.append(0.0, np.cumsum(home)), np.searchsorted(-home, -included / scale, side="left")
    units = sums[beyond] * scale - beyond * included + part["away"].sum() * scale
    return units * tariff.prices.get(name, 0.0)
