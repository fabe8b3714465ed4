"""The table that every estimate comes in: one row per estimate, and no number where the status is not ok."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

SCHEMA = {"target": pl.String, "kind": pl.String, "margin": pl.String, "estimate": pl.Float64, "std_error": pl.Float64,
          "ci_low": pl.Float64, "ci_high": pl.Float64, "ci_level": pl.Float64, "p_value": pl.Float64,
          "ar_low": pl.Float64, "ar_high": pl.Float64, "ar_set": pl.String, "first_stage_f": pl.Float64,
          "first_stage_f_needed": pl.Float64, "price_variation_sd": pl.Float64, "n_obs": pl.Int64,
          "n_clusters": pl.Int64, "n_moved_clusters": pl.Int64, "rows_left_out": pl.Int64, "method": pl.String,
          "identification": pl.String, "status": pl.String}
NUMBERS = ("estimate", "std_error", "ci_low", "ci_high", "p_value", "ar_low", "ar_high", "ar_set")

# status -> what it says; the first that holds is told.
STATUSES = {
    "ok": "",
    "low_n": "too few rows",
    "price_did_not_move": "the price moved by less than the least change",
    "few_clusters": "too few price-setting clusters whose price moved",
    "price_is_unit_value": "the price is revenue divided by usage: it moves with the quantity by construction",
    "plan_choice_moved": "the price moved because people changed plan, not because a plan changed its price",
    "moved_together": "all prices moved together, so that nothing tells them from the period",
    "not_identified": "the data cannot tell this effect from the others",
    "zeros_with_instruments": "some quantities are 0: neither a logarithm nor two-stage least squares holds",
    "weak_iv": "the instruments hardly move the price",
    "positive_own_price": "quantity rises with its own price: no demand curve, so the price follows demand",
    "no_comparison_group": "nobody whose price stayed is there to compare with",
    "overlapping_change": "another price change lies within the window",
    "pre_trend": "those whose price was to change moved apart before it did",
    "short_panel": "too few periods for the bias of a lagged quantity to be corrected",
    "no_long_run": "quantity forgets so slowly that the long run cannot be told",
    "out_of_range": "the price change lies outside of what was ever observed",
}


def table(rows: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    """Rows of SCHEMA; numbers of refused rows are null, and their identification says why."""
    made = []
    for row in rows:
        if row.get("status", "ok") != "ok":
            row = {**row, **dict.fromkeys(NUMBERS)}
        made.append(row)
    return pl.DataFrame(made, schema=SCHEMA, orient="row")


def refused(status: str, detail: str = "") -> dict[str, object]:
    """The part of a row that says why there is no number."""
    return {"status": status, "identification": f"{STATUSES[status]}{': ' if detail else ''}{detail}"}
