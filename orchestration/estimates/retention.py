"""Whom contacting keeps, what that is worth and how earlier lists came out: the part of churn that is about acting."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from orchestration.estimates.churn_source import Source

if TYPE_CHECKING:
    from orchestration.analytics.uplift import Campaign

EFFECT = ("uplift", "uplift_low", "uplift_high")


def campaign(source: Source, month: date) -> Campaign:
    """The effect of being addressed, from lists drawn by lot whose outcome is known by then."""
    from orchestration.analytics import uplift

    rows = source.known_campaigns(month)
    if rows.is_empty() or not 0 < rows["is_left"].sum() < rows.height:
        return uplift.Campaign((), "not_identified", "no list that was drawn by lot has an outcome yet")
    return uplift.fit_uplift(rows, outcome="is_left", treated="is_treated", features=source.filled(rows),
                             entity="subscription_id")


def value(source: Source, fitted: Campaign, scores: pl.DataFrame, now: pl.DataFrame, month: date) -> pl.DataFrame:
    """One row per row of `scores` (of the month, as `now`): uplift x value - cost, and the list with its control group.

    value_amt is what is still expected of a subscription at today's risk; the lot that holds back is that of the month.
    """
    from orchestration.analytics import early_warning, policy, uplift

    worth = scores.select("subscription_id", probability="estimate", margin=pl.col("monthly_amt").cast(pl.Float64))
    remaining = early_warning.remaining_value(
        worth, margin="margin", periods=int(source.parameters["churn_loss_months"]), discount=source.monthly_discount)
    effects = (uplift.score_uplift(fitted, now) if fitted.features else
               pl.DataFrame({name: pl.Series([None] * now.height, dtype=pl.Float64) for name in EFFECT}))
    rows = worth.select("subscription_id").hstack(effects.select(EFFECT)).with_columns(
        remaining.alias("value_amt"), pl.lit(source.parameters["retention_contact_amt"]).alias("cost_amt"))
    listed = policy.retention_list(
        rows, uplift="uplift", value="value_amt", cost="cost_amt", capacity=int(source.parameters["retention_count"]),
        control_share=source.parameters["retention_control_pct"] / 100, seed=month.year * 100 + month.month)
    refused = pl.lit(fitted.status) if fitted.status != "ok" else scores["status"]
    return listed.with_columns(
        pl.when(pl.col("net_value").is_null()).then(refused).otherwise(pl.lit("ok")).alias("status"),
        pl.lit(0.95).alias("ci_level"), pl.lit("doubly robust learner").alias("method"),
        pl.lit(len(fitted.scores)).alias("n_obs"), scores["model_version"]).rename(
        dict(zip(EFFECT, ("estimate", "ci_low", "ci_high"), strict=True)) | {
            "net_value": "net_value_amt", "action": "action_code"})


def told(fitted: Campaign, version: str) -> pl.DataFrame:
    """The row of the model card that says what campaigns do on average."""
    ok = fitted.status == "ok"
    half = 1.96 * fitted.standard_error if ok else None
    return pl.DataFrame({
        "model_version": [version], "section": ["campaign"], "item": ["mean_uplift"], "estimate": [fitted.effect],
        "ci_low": [fitted.effect - half if ok else None], "ci_high": [fitted.effect + half if ok else None],
        "ci_level": [0.95], "n_obs": [len(fitted.scores) or None], "status": [fitted.status],
        "detail": [f"effects told by the {fitted.learner.kind} learner" if ok else fitted.reason]},
        schema_overrides={name: pl.Float64 for name in ("estimate", "ci_low", "ci_high")} | {"n_obs": pl.Int64})


def outcome(listed: pl.DataFrame, newest: pl.DataFrame) -> pl.DataFrame:
    """The row of the model card that says what an earlier list saved against its control group. `newest`: who left."""
    from orchestration.analytics import policy

    both = newest.select("subscription_id", "is_left").join(listed, on="subscription_id")
    return policy.saved(both, outcome="is_left", action="action_code").with_columns(
        pl.lit("retention_list").alias("section"), pl.lit("share_saved").alias("item"),
        (pl.col("contacted") + pl.col("control")).alias("n_obs"),
        pl.format("{} on the list, {} held back", "contacted", "control").alias("detail"))
