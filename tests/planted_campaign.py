"""A randomised campaign with sleeping dogs: whom the offer keeps, and whom it wakes, is known.

The effect runs partly against the risk: those most likely to leave are not those whom the offer keeps.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.special import expit

FEATURES = [f"x{number}" for number in range(8)]


def campaign(rows: int, seed: int, share: float = 0.5, effect: float = 1.0) -> pl.DataFrame:
    """customer, x0..x7, treated, left, value, the true risk without the offer and the true uplift (how much the offer
    lowers the probability of leaving; below 0 for sleeping dogs)."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, len(FEATURES)))
    without = expit(-1.4 + 0.9 * x[:, 0] - 0.5 * x[:, 1] + 0.4 * x[:, 2])
    moved = effect * (-0.45 + 0.6 * x[:, 0] - 0.8 * x[:, 3])
    with_offer = expit(np.log(without / (1 - without)) + moved)
    treated = random.random(rows) < share
    left = random.random(rows) < np.where(treated, with_offer, without)
    return pl.DataFrame(x, schema=FEATURES).with_columns(
        customer=pl.int_range(rows), treated=pl.Series(treated), left=pl.Series(left),
        value=pl.Series(random.lognormal(5, 0.4, rows)), risk=pl.Series(without),
        uplift=pl.Series(without - with_offer))
