"""How long a cohort stays: beta-geometric curves fitted to survivors, with intervals.

Each customer leaves with a constant chance of its own and the chances differ between customers: those who leave
easily go first, so the retention of those who are left rises with age. A constant churn rate misses that and
undervalues old customers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy.optimize import minimize
from scipy.special import betaln, expit
from scipy.stats import norm

from orchestration.analytics import inputs
from orchestration.analytics.errors import AnalysisError

MODELS = {"sbg": ("alpha", "beta"), "bdw": ("alpha", "beta", "c"), "constant": ("churn",)}
LEAST_LEAVERS = 20
ALIKE = np.log(5000.0)
# half of the 90 % point of chi-squared: a one-sided likelihood ratio test at 5 %, being alike lies at the edge
DIFFERENT = 1.353
LEVEL = 0.95
PARAMETERS = {"parameter": pl.String, "estimate": pl.Float64, "ci_low": pl.Float64, "ci_high": pl.Float64,
              "standard_error": pl.Float64, "ci_level": pl.Float64, "n_obs": pl.Int64, "status": pl.String}
POINTS = {"period": pl.Int64, "retention": pl.Float64, "survival": pl.Float64, "ci_low": pl.Float64,
          "ci_high": pl.Float64, "ci_level": pl.Float64, "status": pl.String}


@dataclass(frozen=True)
class Curve:
    """A fitted curve. `point` holds the parameters as they were fitted (see `_parameters`), `covariance` theirs.

    `status` is ok, low_n (fewer than 20 leavers, or fewer periods than parameters; no figures) or not_identified (the
    curve cannot be told from the table). `reason` says why not. `periods` is the length of the table, `n_obs` the
    customers at its start. `are_alike`: the table does not show that customers differ in their churn.
    """

    model: str
    point: np.ndarray
    covariance: np.ndarray
    log_likelihood: float
    n_obs: int
    leavers: int
    periods: int
    status: str = "ok"
    reason: str = ""
    are_alike: bool = False

    def survival(self, period: np.ndarray) -> np.ndarray:
        """The share of the cohort that is still there after `period` periods."""
        return np.exp(_log_survival(self.model, self.point, np.asarray(period, dtype=float)))


def fit_retention(survivors: pl.DataFrame, *, model: str = "sbg", period: str = "period", count: str = "survivors",
                  cohort: str | None = None) -> Curve:
    """Fits a curve by right-censored maximum likelihood to a table with one row per period (0, 1, …, without gaps) and
    the number of customers still there, period 0 being the start. With `cohort`, cohorts of different lengths share
    one curve, and a cohort that was first seen at a later age begins there.

    `model`: `sbg`, shifted beta-geometric, S(t) = B(α, β + t) / B(α, β) (Fader and Hardie, How to Project Customer
    Retention, JIM 2007); `bdw`, beta-discrete-Weibull, t^c for t, where the chance of a customer changes with its age
    (Fader et al., "… Revisited", JIM 2018); `constant`, one churn rate for all, to compare with.

    Raises AnalysisError for tables with gaps, nulls, or more survivors than before.
    """
    if model not in MODELS:
        raise AnalysisError(f"model is one of {', '.join(MODELS)}, not {model!r}")
    age, kept, lost, started = _transitions(survivors, period, count, cohort)
    facts = (started, int(lost.sum()), int(age.max()))
    if lost.sum() < LEAST_LEAVERS or len(age) < len(MODELS[model]):
        reason = (f"{int(lost.sum())} left in {len(age)} periods; at least {LEAST_LEAVERS} and "
                  f"{len(MODELS[model])} periods are needed")
        return Curve(model, np.full(len(MODELS[model]), np.nan), np.empty((0, 0)), np.nan, *facts, "low_n", reason)
    return _fitted(model, age, kept, lost, facts)


def parameters(curve: Curve, level: float = LEVEL) -> pl.DataFrame:
    """One row per parameter of the model: parameter, estimate, ci_low, ci_high, standard_error (delta method on the
    natural scale; the interval is that of its logarithm), ci_level, n_obs, status. Where the table does not show that
    customers differ, alpha and beta have no size: status not_identified without figures, while the curve stands."""
    names, rows = MODELS[curve.model], []
    if curve.status != "ok":
        rows = [(name, None, None, None, None, level, curve.n_obs, curve.status) for name in names]
        return pl.DataFrame(rows, schema=PARAMETERS, orient="row")
    z = norm.ppf((1 + level) / 2)
    values = _natural(curve.model, curve.point)
    slopes = _gradient(lambda point: np.log(_natural(curve.model, point)), curve.point)
    errors = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", slopes, curve.covariance, slopes), 0))
    for name, value, error in zip(names, values, errors, strict=True):
        if name in ("alpha", "beta") and curve.are_alike:
            rows.append((name, None, None, None, None, level, curve.n_obs, "not_identified"))
        else:
            rows.append((name, value, value * np.exp(-z * error), value * np.exp(z * error), value * error, level,
                         curve.n_obs, "ok"))
    return pl.DataFrame(rows, schema=PARAMETERS, orient="row")


def points(curve: Curve, periods: int, level: float = LEVEL) -> pl.DataFrame:
    """One row per period 1 … `periods`: period, retention (share of those of the period before), survival (share of the
    start), ci_low, ci_high (of survival: observed information, delta method on the log(-log) scale), ci_level, status.
    """
    time = np.arange(1, periods + 1)
    told = {"period": time, "ci_level": [level] * periods, "status": [curve.status] * periods}
    if curve.status != "ok":
        empty = dict.fromkeys(("retention", "survival", "ci_low", "ci_high"), [None] * periods)
        return pl.DataFrame({**told, **empty}, schema_overrides=POINTS).select(list(POINTS))
    share = curve.survival(np.arange(periods + 1))
    slopes = _gradient(lambda point: np.log(-_log_survival(curve.model, point, time.astype(float))), curve.point)
    error = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", slopes, curve.covariance, slopes), 0))
    half = norm.ppf((1 + level) / 2) * error
    hazard = np.log(share[1:])
    return pl.DataFrame({**told, "retention": share[1:] / share[:-1], "survival": share[1:],
                         "ci_low": np.exp(hazard * np.exp(half)), "ci_high": np.exp(hazard * np.exp(-half))},
                        schema_overrides=POINTS).select(list(POINTS))


def slopes_of(curve: Curve, told: Callable[[Curve], np.ndarray]) -> np.ndarray:
    """How what is `told` of a curve changes with its parameters (outputs × parameters), for the delta method."""
    return _gradient(lambda point: told(replace(curve, point=point)), curve.point)


def _transitions(survivors: pl.DataFrame, period: str, count: str,
                 cohort: str | None) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Per row but the first of each cohort: age, how many stayed, how many left; and how many started in all."""
    keys = [cohort] if cohort else []
    inputs.require_columns(survivors, [period, count, *keys], "fit_retention")
    table = survivors.select(*keys, pl.col(period).alias("period"), pl.col(count).alias("count"))
    if not table["period"].dtype.is_integer() or any(table.null_count().row(0)):
        raise AnalysisError(f"{period} must be a whole number of periods, and nothing in the table null")
    table = table.sort(*keys, "period")
    before = pl.col("count").shift(1), pl.col("period").shift(1)
    if cohort:
        before = tuple(each.over(cohort) for each in before)
    table = table.with_columns(before[0].alias("before"), before[1].alias("earlier"))
    steps = table.drop_nulls("before")
    if steps.is_empty():
        raise AnalysisError("fit_retention: at least two periods are needed, the start and one after it")
    if (steps["period"] - steps["earlier"] != 1).any():
        raise AnalysisError(f"{period} has gaps or comes twice: give every period of a cohort once")
    if (steps["count"] > steps["before"]).any() or steps["count"].min() < 0 or table["period"].min() < 0:
        raise AnalysisError(f"{count} rises or is negative: survivors of a cohort can only become fewer")
    kept, had = (steps[name].cast(pl.Float64).to_numpy() for name in ("count", "before"))
    started = int(table.filter(pl.col("before").is_null())["count"].sum())
    return steps["period"].to_numpy().astype(float), kept, had - kept, started


def _fitted(model: str, age: np.ndarray, kept: np.ndarray, lost: np.ndarray, facts: tuple[int, int, int]) -> Curve:
    def surprise(point: np.ndarray) -> float:
        return -_log_likelihood(model, point, age, kept, lost)

    churn = lost.sum() / (lost.sum() + kept.sum())
    rate = np.log(churn / max(1 - churn, 1e-12))
    starts = [[rate]] if model == "constant" else [[rate, size] for size in (0.0, 2.0, 5.0)]
    starts = [[*start, *([0.0] if model == "bdw" else [])] for start in starts]
    best = min((_least(surprise, start, model) for start in starts), key=lambda each: each[1])
    alike = model != "constant" and _least(surprise, starts[0], model, ALIKE)[1] - best[1] < DIFFERENT
    curve = Curve(model, best[0], np.empty((0, 0)), -best[1], *facts, are_alike=alike)
    free = np.ones(len(curve.point), dtype=bool)
    free[1:2] = curve.point[1:2] < ALIKE - 1e-6
    information = _hessian(surprise, curve.point)[np.ix_(free, free)]
    if not np.isfinite(information).all() or np.linalg.eigvalsh(information).min() <= 1e-8 * information.max():
        return replace(curve, status="not_identified", reason="other curves fit this table as well: take more periods")
    covariance = np.zeros((len(free), len(free)))
    covariance[np.ix_(free, free)] = np.linalg.inv(information)
    return replace(curve, covariance=covariance)


def _least(surprise: Callable[[np.ndarray], float], start: list[float], model: str,
           size: float | None = None) -> tuple[np.ndarray, float]:
    """The point of least surprise and its value. Customers of size ALIKE and more have one churn in practice."""
    bounds = [(-25, 25), (-12, ALIKE) if size is None else (size, size), (-4, 2)][:len(MODELS[model])]
    found = minimize(surprise, start, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-9})
    return np.asarray(found.x), float(found.fun)


def _natural(model: str, point: np.ndarray) -> np.ndarray:
    """The point holds logit(α / (α + β)), ln(α + β) and ln c: mean churn, how alike customers are, and the change with
    age. They are nearly independent of each other, which ln α and ln β are not."""
    if model == "constant":
        return expit(point[:1])
    size = np.exp(point[1])
    return np.array([size * expit(point[0]), size * expit(-point[0]), *np.exp(point[2:])])


def _log_survival(model: str, point: np.ndarray, time: np.ndarray) -> np.ndarray:
    if model == "constant":
        return time * np.log(expit(-point[0]))
    alpha, beta, *shape = _natural(model, point)
    return betaln(alpha, beta + time ** (shape[0] if shape else 1.0)) - betaln(alpha, beta)


def _log_likelihood(model: str, point: np.ndarray, age: np.ndarray, kept: np.ndarray, lost: np.ndarray) -> float:
    """Of staying or leaving in each period, given being there at its start: this is the likelihood of the lifetimes,
    those still there being censored."""
    stay = _log_survival(model, point, age) - _log_survival(model, point, age - 1)
    stay = np.minimum(stay, -1e-300)
    return float(kept @ stay + lost @ np.log(-np.expm1(stay)))


def _gradient(function: Callable[[np.ndarray], np.ndarray], point: np.ndarray) -> np.ndarray:
    """Outputs × parameters, by central differences."""
    steps = 1e-5 * np.maximum(1.0, np.abs(point))
    return np.stack([(function(point + each) - function(point - each)) / (2 * step)
                     for step, each in zip(steps, np.diag(steps), strict=True)], axis=1)


def _hessian(function: Callable[[np.ndarray], float], point: np.ndarray) -> np.ndarray:
    step = 1e-3
    size, moves = len(point), np.eye(len(point)) * step
    found = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            found[i, j] = (function(point + moves[i] + moves[j]) - function(point + moves[i] - moves[j])
                           - function(point - moves[i] + moves[j]) + function(point - moves[i] - moves[j]))
    return found / (4 * step**2)
