"""One estimate: the refusals, the fit, and the rows that tell of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import polars as pl
from scipy.stats import t

from orchestration.analytics.elasticity import panel as panels
from orchestration.analytics.elasticity import regression, results, variation, weak_instruments
from orchestration.analytics.elasticity.panel import Columns, Panel
from orchestration.analytics.elasticity.regression import Fit
from orchestration.analytics.elasticity.variation import Limits

LEVEL = 0.95
Row = dict[str, object]


def estimate(frame: pl.DataFrame, *, quantity: str, price: str, unit: str | None = None, period: str | None = None,
             controls: Sequence[str] = (), instruments: Sequence[str] = (), cross_prices: Sequence[str] = (),
             cluster: str | None = None, effects: str = "twoway", logs: bool = True,
             coded: Mapping[str, Sequence[object]] | None = None, plan: str | None = None, revenue: str | None = None,
             margin: str = "usage", level: float = LEVEL, limits: Limits | None = None) -> pl.DataFrame:
    """How quantity answers to its own price and to prices of others: one row per price, own first.

    quantity: what was bought (≥ 0); with zeros it is a Poisson regression (PPML), never ln(q + 1). price and
    cross_prices: above 0, in any one unit of money; their logarithms are taken here (`logs`; without it the effect is
    linear and the elasticity that at the means). controls and instruments are taken as they are. unit × period is the
    panel, cluster (default: unit) is who sets the price and holds whole units. effects: "twoway", "unit" or "none".
    instruments move the price and nothing else that moves quantity, such as a cost. coded: per column the values that
    are no values (`{"price": [999]}`); their rows, and rows with gaps, are left out and counted. plan: which tariff
    the unit was on; revenue: what was billed; both only to refuse prices that moved because people changed plan or
    that are revenue divided by usage (a list price that changed in most periods would look the same: leave it out
    then). margin: a label (usage, plan_choice, churn).

    Columns: target (price column), kind (own, cross), margin, estimate (elasticity), std_error, ci_low, ci_high,
    ci_level, p_value, ar_low, ar_high, ar_set (Anderson–Rubin: interval, empty, unbounded), first_stage_f and
    first_stage_f_needed (effective F), price_variation_sd (of what is left of the logarithm after effects and the
    other columns), n_obs, n_clusters, n_moved_clusters, rows_left_out, method, identification (in words; of a refusal,
    why), status (`results.STATUSES`). Without status ok there is no number. Raises AnalysisError for frames and
    arguments that cannot be used.
    """
    columns = Columns(quantity, price, unit, period, cluster, tuple(controls), tuple(instruments), tuple(cross_prices),
                      plan, revenue)
    panel = panels.prepare(frame, columns, effects=effects, logs=logs, coded=coded)
    return results.table(rows(panel, limits or Limits(), margin, level))


def rows(panel: Panel, limits: Limits, margin: str, level: float) -> Iterable[Row]:
    """The rows of `estimate`, numbers of a positive own price still in them."""
    whole = panel
    moved = variation.moved_clusters(panel, limits.least_move) if panel.clusters else 0
    refusal = variation.refusal(panel, limits)
    panel, refusals = _without_still_prices(panel, limits) if refusal is None else (panel, {})
    refusal = refusal or _entangled(panel, limits)
    first_stage: Row = {}
    if refusal is None and panel.group("instrument"):
        first_stage, refusal = _first_stage(panel, moved, level)
    common = {"margin": margin, "ci_level": level, "n_obs": panel.frame.height, "n_clusters": panel.clusters or None,
              "n_moved_clusters": moved if panel.clusters else None,
              "rows_left_out": panel.left_out}
    fitted = regression.fit(panel, moved) if refusal is None else None
    for name in ("price", *whole.group("cross")):
        row = {**common, "target": whole.named[name], "kind": "own" if name == "price" else "cross"}
        if fitted is None or name in refusals:
            yield {**row, **(first_stage if name == "price" else {}), **(refusals.get(name) or refusal or {})}
        else:
            yield {**row, **_told(panel, fitted, name, level), **(first_stage if name == "price" else {}),
                   **_sign(panel, fitted, name)}


def _without_still_prices(panel: Panel, limits: Limits) -> tuple[Panel, dict[str, Row]]:
    """Cross prices that did not move, or moved with all others, go, each with its own refusal."""
    refusals: dict[str, Row] = {}
    for name in panel.group("cross"):
        key = panel.named[name]
        logged = panel.frame.with_columns(pl.col(name).exp()) if panel.logs else panel.frame
        move = float(logged.select(pl.col(name).max() / pl.col(name).min() - 1).item())
        if move < limits.least_move:
            refusals[name] = results.refused("price_did_not_move", f"{key} {move:.2%} of {limits.least_move:.0%}")
        elif found := variation.moved_together(panel, name, (), limits):
            refusals[name] = found
    for name in refusals:
        panel = panel.without(name)
    return panel, refusals


def _entangled(panel: Panel, limits: Limits) -> Row | None:
    """Why a price cannot be told from the other columns, or None."""
    others = (*panel.group("cross"), *panel.group("control"))
    for name in ("price", *panel.group("cross")):
        rest = tuple(each for each in ("price", *others) if each != name)
        if rest and (found := variation.moved_together(panel, name, rest, limits)):
            return found
    return None


def _first_stage(panel: Panel, moved: int, level: float) -> tuple[Row, Row | None]:
    if panel.counts_zeros:
        return {}, results.refused("zeros_with_instruments")
    if any(panel.residual(name, (*panel.group("cross"), *panel.group("control"))).std() < 1e-9
           for name in panel.group("instrument")):
        return {}, results.refused("weak_iv", "an instrument does not move apart from the effects")
    form = weak_instruments.reduced_form(panel, moved)
    found, needed = weak_instruments.effective_f(form)
    told: Row = {"first_stage_f": found, "first_stage_f_needed": needed}
    if found < needed:
        return told, results.refused("weak_iv", f"effective F {found:.1f}, {needed:.1f} needed")
    low, high, kind = weak_instruments.anderson_rubin(form, level)
    scale = panel.at_means["price"]
    ends = sorted(end * scale for end in (low, high) if end is not None) or [None, None]
    return {**told, "ar_low": ends[0], "ar_high": ends[1], "ar_set": kind}, None


def _told(panel: Panel, fitted: Fit, name: str, level: float) -> Row:
    position, scale = fitted.position(name), panel.at_means[name]
    found = float(fitted.coefficients[position] * scale)
    error = float(np.sqrt(fitted.covariance[position, position]) * scale)
    half = float(t.ppf((1 + level) / 2, fitted.freedom)) * error
    others = tuple(each for each in fitted.names if each != name)
    key = "log_price" if name == "price" else name
    return {"estimate": found, "std_error": error, "ci_low": found - half, "ci_high": found + half,
            "p_value": float(2 * t.sf(abs(found) / error, fitted.freedom)), "method": fitted.method,
            "price_variation_sd": float(panel.residual(key, others).std()),
            "n_obs": fitted.rows, "identification": _identified_by(panel)}


def _identified_by(panel: Panel) -> str:
    if panel.group("instrument"):
        names = ", ".join(panel.named[name] for name in panel.group("instrument"))
        return f"the part of the price that {names} moved; nothing else may carry {names} to the quantity"
    if panel.effects == ("unit", "period"):
        return "price moves of some units apart from others in the same period; prices may not answer to demand"
    if panel.effects:
        return "price moves of a unit against its own mean; nothing else may move at the same time"
    return "differences between rows; nothing else may differ with the price"


def _sign(panel: Panel, fitted: Fit, name: str) -> Row:
    """A positive own price spoils the own row, and with it what stands beside it."""
    if fitted.coefficients[fitted.position("price")] > 0:
        return results.refused("positive_own_price" if name == "price" else "not_identified")
    return {"status": "ok"}
