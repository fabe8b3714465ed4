"""Persons whose monthly hazard is known: the truth that a churn model must find again, and must not beat.

The recipe is that of the project's method notes: twelve normal features of which six count, one interaction, logits.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.special import expit

EFFECTS = {"x0": 0.8, "x1": -0.6, "x2": 0.5, "x3": 0.4, "x4": -0.3, "x5": 0.3}
INTERACTION = 0.4
FEATURES = [f"x{number}" for number in range(12)]
CAUSES = {"competitor": 0.0, "need": -0.5, "nonpayment": -1.0}


def cross_section(rows: int, seed: int, intercept: float = -3.4, interaction: float = INTERACTION) -> pl.DataFrame:
    """One month of independent persons: person, x0..x11, probability (the truth) and left."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, len(FEATURES)))
    truth = expit(intercept + x[:, :6] @ np.array(list(EFFECTS.values())) + interaction * x[:, 0] * x[:, 1])
    return _framed(x, truth).with_columns(person=pl.int_range(rows), left=pl.Series(random.random(rows) < truth))


def panel(persons: int, months: int, seed: int, intercept: float = -3.4, interaction: float = INTERACTION,
          first_person: int = 0, first_month: int = 0) -> pl.DataFrame:
    """Person-months until the person leaves: person, month, tenure, x0..x11 (half of them move from month to month),
    plan and region (texts), is_online, some values missing, cause of leaving, probability and left.

    Tenure lowers the hazard, plan `flex` raises it, and the whole level moves with the season. Months before
    `first_month` are lived but not returned.
    """
    random = np.random.default_rng(seed)
    at_risk = np.arange(persons)
    fixed, moving = random.normal(size=(persons, 6)), random.normal(size=(persons, 6))
    plan = random.choice(["basic", "flex", "family"], persons, p=[0.5, 0.2, 0.3])
    region, tenure = random.choice([f"区{n}" for n in range(12)], persons), random.integers(0, 60, persons)
    is_online, parts = random.random(persons) < 0.4, []
    for month in range(months):
        moving = 0.8 * moving + 0.6 * random.normal(size=moving.shape)
        x = np.empty((persons, 12))
        x[:, 0::2], x[:, 1::2] = fixed, moving
        log_odds = (intercept + x[:, :6] @ np.array(list(EFFECTS.values())) + interaction * x[:, 0] * x[:, 1]
                    - 0.015 * (tenure + month) + 0.7 * (plan == "flex") - 0.3 * is_online
                    + 0.15 * np.sin(month / 2))
        truth = expit(log_odds)
        left = random.random(persons) < truth
        shares = np.exp(np.column_stack([base + 0.8 * x[:, number] for number, base in enumerate(CAUSES.values())]))
        shares /= shares.sum(axis=1, keepdims=True)
        way = (random.random(persons)[:, None] > shares.cumsum(axis=1)).sum(axis=1)
        named = np.array(list(CAUSES))[np.minimum(way, len(CAUSES) - 1)]
        frame = _framed(x, truth).with_columns(
            pl.Series("person", first_person + np.arange(persons)), pl.lit(month).alias("month"),
            pl.Series("tenure", tenure + month), pl.Series("plan", plan), pl.Series("region", region),
            pl.Series("is_online", is_online), pl.Series("left", left), pl.Series("cause", named),
            *[pl.Series(f"share_{name}", shares[:, number]) for number, name in enumerate(CAUSES)])
        if month >= first_month:
            parts.append(frame.with_columns(pl.when("left").then("cause").alias("cause"))[at_risk])
        at_risk = at_risk[~left[at_risk]]
    return pl.concat(parts)


PANEL_FEATURES = [*FEATURES, "tenure", "plan", "region", "is_online"]


def _framed(x: np.ndarray, truth: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame(x, schema=FEATURES).with_columns(pl.Series("probability", truth))
