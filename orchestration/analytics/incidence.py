"""How many have left by a given age, and by which cause, when causes compete and people come in late.

Works on rows of one entity in one period at risk, so late entry and censoring need no handling of their own.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import norm

from orchestration.analytics import inputs
from orchestration.analytics.errors import AnalysisError

ANY = "(any)"
FEW_EVENTS = 20
SCHEMA = {"time": pl.Int64, "cause": pl.String, "n_at_risk": pl.Int64, "n_events": pl.Int64, "hazard": pl.Float64,
          "incidence": pl.Float64, "ci_low": pl.Float64, "ci_high": pl.Float64, "ci_level": pl.Float64,
          "status": pl.String}


def cumulative_incidence(frame: pl.DataFrame, *, time: str, cause: str, level: float = 0.95) -> pl.DataFrame:
    """The Aalen-Johansen estimator in discrete time. `frame` has one row per entity and period at risk, `time` its age
    in whole periods, `cause` a text where the entity left in that period and null where it stayed.

    One row per time and cause, with `(any)` for all together (1 - incidence of it is survival): n_at_risk, n_events of
    the time, hazard, incidence (share gone by that cause up to and with that time), ci_low, ci_high, ci_level, status
    (`low_n` without incidence while fewer than 20 events stand behind a cause). Causes add up to `(any)` exactly.
    Intervals: multinomial variance of each time carried forward by the delta method (Aalen 1978; Kalbfleisch and
    Prentice 2002, §8), on the log(-log) scale, which stays within 0 and 1.

    Raises AnalysisError when time is no whole number or nobody is at risk at a time in between.
    """
    inputs.require_columns(frame, [time, cause], "cumulative_incidence")
    if not frame[time].dtype.is_integer() or frame[time].null_count():
        raise AnalysisError(f"{time} must be a whole number of periods without nulls, not {frame[time].dtype}")
    counted = (frame.select(pl.col(time).alias("time"), pl.col(cause).cast(pl.String).alias("cause"))
               .group_by("time", "cause").len())
    names = sorted(counted["cause"].drop_nulls().unique().to_list())
    if not names:
        raise AnalysisError(f"{cause} is null in every row: nobody left, so there is no incidence to tell")
    times = np.arange(counted["time"].min(), counted["time"].max() + 1)
    events, at_risk = _counts(counted, names, times)
    if (at_risk == 0).any():
        raise AnalysisError(f"nobody is at risk at {time} {times[at_risk == 0][0]}: cut the table before it")
    return _table(names, times, events, at_risk, level)


def _counts(counted: pl.DataFrame, names: list[str], times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Events per time and cause, and rows at risk per time."""
    events = np.zeros((len(times), len(names)))
    known = counted.drop_nulls("cause")
    place = known["cause"].replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy()
    events[known["time"].to_numpy() - times[0], place] = known["len"].to_numpy()
    at_risk = np.bincount(counted["time"].to_numpy() - times[0], counted["len"].to_numpy(), len(times))
    return events, at_risk


def _table(names: list[str], times: np.ndarray, events: np.ndarray, at_risk: np.ndarray, level: float) -> pl.DataFrame:
    hazard = events / at_risk[:, None]
    survival = np.concatenate([[1.0], np.cumprod(1 - hazard.sum(axis=1))])
    incidence = np.cumsum(survival[:-1, None] * hazard, axis=0)
    variance = _variances(hazard, survival, incidence, at_risk)
    total = np.cumsum((hazard.sum(axis=1) / np.maximum(1 - hazard.sum(axis=1), 1e-300)) / at_risk)
    columns = [*((name, events[:, k], hazard[:, k], incidence[:, k], variance[:, k]) for k, name in enumerate(names)),
               (ANY, events.sum(axis=1), hazard.sum(axis=1), 1 - survival[1:], survival[1:] ** 2 * total)]
    parts = []
    for name, count, rate, share, spread in columns:
        low, high = _interval(share, spread, level)
        enough = np.cumsum(count) >= FEW_EVENTS
        parts.append(pl.DataFrame({
            "time": times, "cause": [name] * len(times), "n_at_risk": at_risk.astype(np.int64),
            "n_events": count.astype(np.int64), "hazard": rate, "incidence": share, "ci_low": low, "ci_high": high,
            "ci_level": [level] * len(times), "status": np.where(enough, "ok", "low_n")}, schema_overrides=SCHEMA))
    estimates = pl.col("incidence", "ci_low", "ci_high")
    return pl.concat(parts).with_columns(pl.when(pl.col("status") == "ok").then(estimates))


def _variances(hazard: np.ndarray, survival: np.ndarray, incidence: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
    """Of the incidence of each cause at each time t. The hazards of a time u move F_k(t) directly by S(u-1) and, by
    whom they take away, by -(F_k(t) - F_k(u)) / (1 - h(u)); times are independent, causes of one time multinomial."""
    before, left = survival[:-1], np.maximum(1 - hazard.sum(axis=1), 1e-300)
    variance = np.empty_like(incidence)
    for t in range(len(hazard)):
        any_hazard = hazard[:t + 1].sum(axis=1)[:, None]
        removed = -(incidence[t] - incidence[:t + 1]) / left[:t + 1, None]
        own = before[:t + 1, None] + removed
        rate = hazard[:t + 1]
        second = own**2 * rate + removed**2 * (any_hazard - rate)
        first = own * rate + removed * (any_hazard - rate)
        variance[t] = ((second - first**2) / at_risk[:t + 1, None]).sum(axis=0)
    return variance


def _interval(share: np.ndarray, variance: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    inside = np.clip(share, 1e-12, 1 - 1e-12)
    kept = np.log1p(-inside)
    half = norm.ppf((1 + level) / 2) * np.sqrt(variance) / ((1 - inside) * np.abs(kept))
    return 1 - np.exp(kept * np.exp(-half)), 1 - np.exp(kept * np.exp(half))
