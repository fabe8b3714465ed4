"""Short and long run: quantity that remembers its last period, with the bias that a short panel brings taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from scipy.stats import t

from orchestration.analytics.elasticity import jackknife, regression, results, variation, weak_instruments
from orchestration.analytics.elasticity import panel as panels
from orchestration.analytics.elasticity.panel import Columns, Panel
from orchestration.analytics.elasticity.variation import Limits
from orchestration.analytics.errors import AnalysisError

LEAST_PERIODS = 20
LEVEL = 0.95
LAG = "quantity a period before"
CORRECTIONS = ("half_panel", "none")


def long_run(frame: pl.DataFrame, *, quantity: str, price: str, unit: str, period: str, cluster: str | None = None,
             controls: Sequence[str] = (), cross_prices: Sequence[str] = (), instruments: Sequence[str] = (),
             coded: Mapping[str, Sequence[object]] | None = None, margin: str = "usage", level: float = LEVEL,
             limits: Limits | None = None, correction: str = "half_panel") -> pl.DataFrame:
    """Three rows as of `estimate`: kind short_run (b, of the same period), persistence (rho, of the quantity a period
    before) and long_run, b ÷ (1 − rho).

    With unit effects rho comes out too small by about (1 + rho) ÷ periods (Nickell, Econometrica 49, 1981), and the
    long run with it. correction "half_panel" takes that out: twice the whole panel less the mean of its two halves
    (Dhaene and Jochmans, Split-panel jackknife estimation, Review of Economic Studies 82, 2015); "none" is there to
    compare with published figures. Intervals: jackknife by cluster of each figure itself. Refuses short_panel below
    20 periods and no_long_run where rho is not surely below 1. It takes errors to be without memory of their own.
    Raises AnalysisError where a unit has a period twice or a quantity is 0.
    """
    if correction not in CORRECTIONS:
        raise AnalysisError(f"correction is {correction!r}: choose one of {', '.join(CORRECTIONS)}")
    limits = limits or Limits()
    named = {"controls": tuple(controls), "cross_prices": tuple(cross_prices), "instruments": tuple(instruments)}
    panel = panels.prepare(_lagged(frame, quantity, unit, period, coded), Columns(
        quantity, price, unit, period, cluster, **{**named, "controls": (*controls, LAG)}), effects="twoway", logs=True,
        coded=coded)
    moved = variation.moved_clusters(panel, limits.least_move)
    row: dict[str, object] = {
        "target": price, "margin": margin, "ci_level": level, "n_obs": panel.frame.height,
        "n_clusters": panel.clusters, "n_moved_clusters": moved, "rows_left_out": frame.height - panel.frame.height,
        "method": f"{'2SLS' if instruments else 'OLS'}, unit and period effects, lagged quantity, "
                  f"{correction.replace('_', ' ')} correction, CRV3"}
    refusal = _refusal(panel, limits, moved)
    told = [{"kind": kind, **refusal} for kind in ("short_run", "persistence", "long_run")] if refusal else _estimated(
        panel, correction, moved, level)
    return results.table({**row, **each} for each in told)


def _lagged(frame: pl.DataFrame, quantity: str, unit: str, period: str,
            coded: Mapping[str, Sequence[object]] | None) -> pl.DataFrame:
    """With the logarithm of the quantity a period before, where that period is there."""
    if frame.select(unit, period).is_duplicated().any():
        raise AnalysisError("a unit has the same period more than once: give one row per unit and period")
    if (frame.filter(~panels.is_coded(quantity, (coded or {}).get(quantity, []), frame.schema[quantity]))[quantity]
            == 0).any():
        raise AnalysisError(f"{quantity} is 0 in some rows: the long run needs a quantity in every period")
    code = panels.is_coded(quantity, (coded or {}).get(quantity, []), frame.schema[quantity])
    ranked = frame.with_columns(rank_=pl.col(period).rank("dense").cast(pl.Int64))
    before = ranked.select(unit, rank_=pl.col("rank_") + 1,
                           **{LAG: pl.when(~code).then(pl.col(quantity).cast(pl.Float64)).log()})
    return ranked.join(before, on=[unit, "rank_"], how="left").drop("rank_")


def _refusal(panel: Panel, limits: Limits, moved: int) -> dict[str, object] | None:
    periods = panel.frame["period"].n_unique() if panel.frame.height else 0
    if refusal := variation.refusal(panel, limits):
        return refusal
    if periods < LEAST_PERIODS:
        return results.refused("short_panel", f"{periods} of {LEAST_PERIODS}")
    if panel.group("instrument"):
        found, needed = weak_instruments.effective_f(weak_instruments.reduced_form(panel, moved))
        if found < needed:
            return results.refused("weak_iv", f"effective F {found:.1f}, {needed:.1f} needed")
    return None


def _estimated(panel: Panel, correction: str, moved: int, level: float) -> list[dict[str, object]]:
    lag = next(key for key, name in panel.named.items() if name == LAG)
    names = ("price", *panel.group("cross"), *panel.group("control"))
    whole, left_out = _corrected(panel, names, correction)
    both = [names.index("price"), names.index(lag)]
    figures, replicates = _figures(whole[both]), np.stack([_figures(each[both]) for each in left_out])
    errors = np.sqrt(np.diag(jackknife.covariance(figures, replicates)))
    quantile = float(t.ppf((1 + level) / 2, moved - 1))
    forgets = figures[1] + quantile * errors[1] < 1
    told = []
    for position, kind in enumerate(("short_run", "persistence", "long_run")):
        found, error = float(figures[position]), float(errors[position])
        row = {"kind": kind, "estimate": found, "std_error": error, "ci_low": found - quantile * error,
               "ci_high": found + quantile * error, "p_value": float(2 * t.sf(abs(found) / error, moved - 1)),
               "status": "ok", "identification": "price moves of some units apart from others, given the quantity a "
                                                 "period before; errors without memory of their own"}
        if figures[0] > 0:
            row |= results.refused("positive_own_price" if kind == "short_run" else "not_identified")
        elif kind == "long_run" and not forgets:
            row |= results.refused("no_long_run")
        told.append(row)
    return told


def _figures(of_price_and_lag: np.ndarray) -> np.ndarray:
    short, lasting = of_price_and_lag
    return np.array([short, lasting, short / (1 - lasting)])


def _corrected(panel: Panel, names: tuple[str, ...], correction: str) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients, and those without each cluster."""
    whole = jackknife.coefficients(regression.design(panel, names))
    if correction == "none":
        return whole
    last = int(panel.frame["period"].max())
    halves = [jackknife.coefficients(_part(regression.design(panel, names), low, high))
              for low, high in ((0, last // 2), (last // 2 + 1, last))]
    first, second = halves
    return (2 * whole[0] - (first[0] + second[0]) / 2, 2 * whole[1] - (first[1] + second[1]) / 2)


def _part(design: jackknife.Design, low: int, high: int) -> jackknife.Design:
    """The rows of some periods."""
    inside = (design.period >= low) & (design.period <= high)
    _, unit = np.unique(design.unit[inside], return_inverse=True)
    instruments = None if design.instruments is None else design.instruments[inside]
    return jackknife.Design(design.outcome[inside], design.regressors[inside], instruments, design.cluster[inside],
                            design.clusters, unit, design.period[inside] - low)
