"""Price changes that come at different times: those who had one against those who had none yet.

Two-stage imputation (Gardner, Two-stage differences in differences, 2022; Borusyak, Jaravel and Spiess, Revisiting
event-study designs, Review of Economic Studies 91, 2024): unit and period effects are told by rows before any change
only, so that units whose price changed earlier are never a comparison for later ones, as they are in two-way effects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
import pyfixest as pf
from scipy.stats import f as fisher
from scipy.stats import t

from orchestration.analytics.elasticity import jackknife, regression, results
from orchestration.analytics.elasticity import panel as panels
from orchestration.analytics.elasticity.jackknife import Design
from orchestration.analytics.elasticity.panel import Columns
from orchestration.analytics.elasticity.variation import Limits
from orchestration.analytics.errors import AnalysisError

LEADS = 3
PRE_TREND_LEVEL = 0.01
LEAST_COMPARISON = 4
LEVEL = 0.95


def staggered(frame: pl.DataFrame, *, quantity: str, price: str, unit: str, period: str, cluster: str | None = None,
              controls: Sequence[str] = (), coded: Mapping[str, Sequence[object]] | None = None, margin: str = "usage",
              level: float = LEVEL, limits: Limits | None = None) -> pl.DataFrame:
    """One row as of `estimate`: the elasticity from price changes against units whose price did not move yet.

    A unit's price counts as moved from the first period on in which it differs by `limits.least_move` from its first
    one; the dose is the logarithm of that difference. Refuses when too few clusters moved or stayed (few_clusters,
    no_comparison_group), and when those whose price was to move went apart before it did (pre_trend: a
    steady drift, or one of the last three periods, at 1 % each): then the price followed demand or was announced. A
    short time before the changes, or few of them, shows no drift that is there. Raises AnalysisError where a unit has a
    period twice.
    """
    limits = limits or Limits()
    columns = Columns(quantity, price, unit, period, cluster, tuple(controls))
    panel = panels.prepare(frame, columns, effects="twoway", logs=True, coded=coded)
    if panel.counts_zeros:
        raise AnalysisError(f"{quantity} is 0 in some rows: take a longer period or a larger unit")
    dosed = _dosed(panel.frame.with_row_index("row"), limits.least_move)
    row: dict[str, object] = {
        "target": price, "kind": "own", "margin": margin, "ci_level": level, "n_obs": dosed.height,
        "n_clusters": panel.clusters, "rows_left_out": frame.height - dosed.height,
        "n_moved_clusters": dosed.filter(pl.col("dose") != 0)["cluster"].n_unique(),
        "method": "two-stage imputation (did2s), CRV3"}
    refusal = _refusal(dosed, limits) or _pre_trend(dosed, panel.group("control"))
    return results.table([{**row, **(refusal or _estimated(dosed, panel.group("control"), level))}])


def _dosed(made: pl.DataFrame, least_move: float) -> pl.DataFrame:
    """With dose, is_treated, final_dose and until (periods until the first change); periods in which nobody is left
    to compare with are gone."""
    if made.select("unit", "period").is_duplicated().any():
        raise AnalysisError("a unit has the same period more than once: give one row per unit and period")
    moved = pl.col("log_price") - pl.col("log_price").sort_by("period").first().over("unit")
    found = made.with_columns(moved=moved).with_columns(
        start=pl.col("period").filter(pl.col("moved").abs() >= np.log1p(least_move)).min().over("unit"))
    found = found.with_columns(is_treated=(pl.col("period") >= pl.col("start")).fill_null(False))
    found = found.with_columns(
        dose=pl.when("is_treated").then("moved").otherwise(0.0), until=pl.col("start") - pl.col("period"),
        final_dose=pl.col("moved").filter("is_treated").sort_by(pl.col("period").filter("is_treated")).first()
        .over("unit").fill_null(0.0))
    return found.filter((~pl.col("is_treated")).any().over("period"), (~pl.col("is_treated")).any().over("unit"))


def _refusal(dosed: pl.DataFrame, limits: Limits) -> dict[str, object] | None:
    if dosed.height < limits.least_rows:
        return results.refused("low_n", f"{dosed.height} of {limits.least_rows}")
    moved = dosed.filter("is_treated")["cluster"].n_unique()
    if not moved:
        return results.refused("price_did_not_move")
    if moved < limits.least_clusters:
        return results.refused("few_clusters", f"{moved} of {limits.least_clusters}")
    stayed = dosed["cluster"].n_unique() - moved
    if stayed < LEAST_COMPARISON:
        return results.refused("no_comparison_group", f"{stayed} clusters stayed, {LEAST_COMPARISON} needed")
    return None


def _pre_trend(dosed: pl.DataFrame, controls: list[str]) -> dict[str, object] | None:
    """Two tests in rows before any change: a steady drift in the direction of the coming change, and a joint one of
    each of the last periods before it."""
    leads = [(pl.col("final_dose") * (pl.col("until") == lead).fill_null(False)).alias(f"lead_{lead}")
             for lead in range(1, LEADS + 1)]
    before = dosed.filter(~pl.col("is_treated")).with_columns(*leads, drift=pl.col("final_dose") * pl.col("period"))
    asked = [["drift"], [f"lead_{lead}" for lead in range(1, LEADS + 1) if before[f"lead_{lead}"].abs().sum() > 0]]
    least = min((_chance(before, names, controls) for names in asked if names), default=1.0)
    return results.refused("pre_trend", f"p {least:.4f}") if least < PRE_TREND_LEVEL else None


def _chance(before: pl.DataFrame, names: list[str], controls: list[str]) -> float:
    """Of a joint test as far out as this one if none of `names` played a part (Wald, jackknife by cluster)."""
    estimate, left_out = jackknife.coefficients(_design(before, [*names, *controls]))
    count = len(names)
    covariance = jackknife.covariance(estimate, left_out)[:count, :count]
    statistic = estimate[:count] @ np.linalg.pinv(covariance) @ estimate[:count] / count
    freedom = before.filter(pl.any_horizontal(pl.col(names) != 0))["cluster"].n_unique() - 1
    rest = max(freedom - count + 1, 1)
    return float(fisher.sf(statistic * rest / max(freedom, 1), count, rest))


def _estimated(dosed: pl.DataFrame, controls: list[str], level: float) -> dict[str, object]:
    fitted = regression.quiet(pf.did2s, dosed.to_pandas(), yname="outcome", treatment="is_treated", cluster="cluster",
                              first_stage=f"~ {' + '.join(controls) or '0'} | unit + period", second_stage="~ dose")
    found = float(fitted.coef()["dose"])
    error = float(np.sqrt(jackknife.covariance(np.array([found]), left_out(dosed, controls)[:, None])[0, 0]))
    freedom = dosed.filter("is_treated")["cluster"].n_unique() - 1
    half = float(t.ppf((1 + level) / 2, freedom)) * error
    told = {"estimate": found, "std_error": error, "ci_low": found - half, "ci_high": found + half,
            "p_value": float(2 * t.sf(abs(found) / error, freedom)),
            "price_variation_sd": float(dosed.filter("is_treated")["dose"].std()), "status": "ok",
            "identification": "price changes against units whose price had not changed yet; without the change both "
                              "would have moved alike"}
    return {**told, **results.refused("positive_own_price")} if found > 0 else told


def left_out(dosed: pl.DataFrame, controls: list[str]) -> np.ndarray:
    """The estimate without each cluster. Given period effects, the estimate is a ratio of sums over clusters."""
    dose, treated, unit = (dosed[name].to_numpy() for name in ("dose", "is_treated", "unit"))
    dummies = np.eye(int(dosed["period"].max()) + 1)[dosed["period"].to_numpy()]
    columns = np.column_stack([dosed["outcome"].to_numpy(), dummies, *(dosed[name].to_numpy() for name in controls)])
    apart = columns - jackknife.unit_means(columns, unit, (~treated).astype(float))[unit]
    cluster, count = dosed["cluster"].to_numpy(), int(dosed["cluster"].max()) + 1
    before = jackknife.grams(apart[~treated], cluster[~treated], count)
    after = np.stack([np.bincount(cluster, dose * column, count) for column in apart.T], axis=1)
    doses = np.bincount(cluster, dose**2, count)
    found = []
    for number in range(count):
        gram = before.sum(axis=0) - before[number]
        effects = np.linalg.pinv(gram[1:, 1:], hermitian=True) @ gram[1:, 0]
        sums = after.sum(axis=0) - after[number]
        found.append((sums[0] - sums[1:] @ effects) / (doses.sum() - doses[number]))
    return np.array(found)


def _design(made: pl.DataFrame, names: list[str]) -> Design:
    codes = {name: (made[name].rank("dense") - 1).cast(pl.Int64).to_numpy() for name in ("unit", "period", "cluster")}
    return Design(made["outcome"].to_numpy(), made.select(names).to_numpy(), None, codes["cluster"],
                  int(codes["cluster"].max()) + 1, codes["unit"], codes["period"])
