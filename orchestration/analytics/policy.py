"""Whom to contact, what that is worth, and how the outcome comes back: value before risk, with a control group kept."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import norm

from orchestration.analytics import inputs
from orchestration.analytics.errors import AnalysisError
from orchestration.analytics.uplift import Campaign

LEVEL = 0.95


def retention_list(frame: pl.DataFrame, *, uplift: str, value: str, cost: str, capacity: int | None = None,
                   control_share: float = 0.1, seed: int = 0) -> pl.DataFrame:
    """`frame` with net_value (uplift × value − cost, in the unit of value), value_rank (1 is the highest), action and
    is_control, in the order given.

    action is `contact` for the `capacity` rows with the highest net value above 0, `control` for the share of the
    chosen that a lot keeps back so that the outcome can be told from what would have happened anyway, `leave` for the
    rest and `unknown` where one of the three is null. Raises AnalysisError for a share outside 0 to 1.
    """
    inputs.require_columns(frame, [uplift, value, cost], "retention_list")
    if not 0 <= control_share < 1:
        raise AnalysisError(f"control_share is a share from 0 to below 1, not {control_share}")
    lift, worth, price = (pl.col(name).cast(pl.Float64) for name in (uplift, value, cost))
    net = (lift * worth - price).fill_nan(None)
    ranked = frame.with_columns(net.alias("net_value")).with_columns(
        pl.col("net_value").rank("ordinal", descending=True).alias("value_rank"))
    chosen = ((pl.col("net_value") > 0) & (pl.col("value_rank") <= (capacity or frame.height))).fill_null(False)
    kept_back = pl.Series(np.random.default_rng(seed).random(frame.height) < control_share)
    return ranked.with_columns((chosen & kept_back).alias("is_control")).with_columns(
        pl.when(pl.col("net_value").is_null()).then(pl.lit("unknown")).when(pl.col("is_control")).then(pl.lit("control"))
        .when(chosen).then(pl.lit("contact")).otherwise(pl.lit("leave")).alias("action"))


def top(score: np.ndarray, capacity: int) -> np.ndarray:
    """The rows with the highest scores as booleans; ties by position."""
    chosen = np.zeros(len(score), dtype=bool)
    chosen[np.argsort(-score, kind="stable")[:capacity]] = True
    return chosen


def policy_values(campaign: Campaign, policies: dict[str, np.ndarray], *, value: inputs.Values, cost: inputs.Values,
                  against: str | None = None) -> pl.DataFrame:
    """What each policy (booleans: contact or not, one per training row of the campaign) is worth per row of the base,
    against contacting nobody; with `against` also the difference to that policy.

    One row per policy: policy, contacted, estimate, ci_low, ci_high, ci_level, n_obs, method, status. The estimate is
    doubly robust (Athey and Wager, Policy Learning with Observational Data, 2021): it uses what happened to both
    groups, so a policy may be judged that nobody followed. A policy must not rest on the row's own outcome: use
    `campaign.held_out`. A campaign that is not ok gives its status and no figure.
    """
    if campaign.status != "ok":
        return _rows([(name, int(chosen.sum()), None, None, None, len(chosen), campaign.status)
                      for name, chosen in policies.items()])
    rows = len(campaign.scores)
    gain = campaign.scores * inputs.numbers(value, "value", rows) - inputs.numbers(cost, "cost", rows)
    named = dict(policies)
    parts = [(name, chosen, gain * chosen) for name, chosen in named.items()]
    if against is not None:
        parts += [(f"{name} - {against}", chosen, gain * chosen - gain * named[against])
                  for name, chosen in named.items() if name != against]
    return _rows([(name, int(chosen.sum()), *_mean(each), rows, "ok") for name, chosen, each in parts])


def saved(frame: pl.DataFrame, *, outcome: str, action: str) -> pl.DataFrame:
    """The outcome of a retention list against its control: contacted and control rows, share that stayed in each, and
    the share saved (their difference) with its interval; status not_identified when a group has fewer than 30 rows.

    One row: contacted, control, stayed_contacted, stayed_control, estimate, ci_low, ci_high, ci_level, status.
    """
    inputs.require_columns(frame, [outcome, action], "saved")
    groups = [1 - frame.filter(pl.col(action) == name)[outcome].cast(pl.Float64).to_numpy()
              for name in ("contact", "control")]
    sizes = [len(group) for group in groups]
    found: dict[str, float | int | str | None] = {"contacted": sizes[0], "control": sizes[1]}
    if min(sizes) < 30:
        found |= dict.fromkeys(("stayed_contacted", "stayed_control", "estimate", "ci_low", "ci_high"))
    else:
        stayed = [float(group.mean()) for group in groups]
        error = np.sqrt(sum(share * (1 - share) / size for share, size in zip(stayed, sizes, strict=True)))
        half, difference = norm.ppf((1 + LEVEL) / 2) * error, stayed[0] - stayed[1]
        found |= {"stayed_contacted": stayed[0], "stayed_control": stayed[1], "estimate": difference,
                  "ci_low": difference - half, "ci_high": difference + half}
    return pl.DataFrame([{**found, "ci_level": LEVEL, "status": "ok" if min(sizes) >= 30 else "not_identified"}])


def _mean(values: np.ndarray) -> tuple[float, float, float]:
    half = norm.ppf((1 + LEVEL) / 2) * values.std() / np.sqrt(len(values))
    return float(values.mean()), float(values.mean() - half), float(values.mean() + half)


def _rows(rows: list[tuple]) -> pl.DataFrame:
    found = pl.DataFrame(rows, orient="row", schema={
        "policy": pl.String, "contacted": pl.Int64, "estimate": pl.Float64, "ci_low": pl.Float64,
        "ci_high": pl.Float64, "n_obs": pl.Int64, "status": pl.String})
    return found.with_columns(pl.lit(LEVEL).alias("ci_level"), pl.lit("doubly robust").alias("method"))
