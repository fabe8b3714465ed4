"""Customers whose segments, retention, spend and peers are known: what the value analyses must find again.

Segments follow the recipe of the project's method notes: five normal groups of unequal size in six dimensions, means
in random directions, identity covariance. Amounts are their exponentials, because analyses take amounts.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.special import betaln

SHARES = np.array([0.40, 0.25, 0.20, 0.10, 0.05])
FEATURES = [f"x{number}" for number in range(6)]
# far above 1, so that log1p is the logarithm that the groups are normal in
LEVEL = 6.0
SEASON = 1 + 0.15 * np.sin(2 * np.pi * np.arange(12) / 12 + 1)
BLOBS = ("normal", "correlated", "heavy tails", "skewed", "one factor", "uniform")


def groups(rows: int, separation: float, seed: int, apart: bool = False) -> tuple[pl.DataFrame, np.ndarray]:
    """Customers with customer, x0..x5, group (the truth) and best (the group that the true densities give), and the
    means. Means lie `separation` from the middle, as in the recipe; with `apart` they are scaled until the two nearest
    are `separation` from each other."""
    random = np.random.default_rng(seed)
    means = random.normal(size=(len(SHARES), len(FEATURES)))
    means *= separation / np.linalg.norm(means, axis=1, keepdims=True)
    if apart:
        between = np.linalg.norm(means[:, None] - means, axis=2)
        means *= separation / between[between > 0].min()
    group = random.choice(len(SHARES), rows, p=SHARES)
    z = means[group] + random.normal(size=(rows, len(FEATURES)))
    best = (np.log(SHARES) - ((z[:, None] - means) ** 2).sum(axis=2) / 2).argmax(axis=1)
    return amounts(z).with_columns(pl.Series("group", group), pl.Series("best", best)), means


def amounts(z: np.ndarray) -> pl.DataFrame:
    """customer and x0..x5, as amounts whose log1p is `z` up to a constant."""
    return pl.DataFrame(np.expm1(z + LEVEL), schema=FEATURES).with_columns(pl.int_range(len(z)).alias("customer"))


def blob(kind: str, rows: int, seed: int) -> pl.DataFrame:
    """Customers of one group, of many shapes: no method may find segments in them."""
    random, shape = np.random.default_rng(seed), (rows, len(FEATURES))
    drawn = {"normal": lambda: random.normal(size=shape),
             "correlated": lambda: random.normal(size=shape) @ random.normal(size=(shape[1], shape[1])),
             "heavy tails": lambda: random.standard_t(5, size=shape),
             "skewed": lambda: np.log(random.gamma(1.0, 1.0, size=shape) + 0.01),
             "one factor": lambda: random.normal(size=(rows, 1)) + 0.7 * random.normal(size=shape),
             "uniform": lambda: 3 * random.uniform(size=shape)}
    return amounts(drawn[kind]())


def month_after(frame: pl.DataFrame, noise: float, moved: float, seed: int) -> pl.DataFrame:
    """The same customers a month later: each amount times noise (standard deviation of its logarithm), and a share
    `moved` of them with the amounts of somebody else; has_moved says which."""
    random = np.random.default_rng(seed)
    whose = np.arange(frame.height)
    movers = random.random(frame.height) < moved
    whose[movers] = random.integers(0, frame.height, int(movers.sum()))
    z = np.log1p(frame.select(FEATURES).to_numpy())[whose] + noise * random.normal(size=(frame.height, len(FEATURES)))
    return amounts(z - LEVEL).with_columns(pl.Series("has_moved", movers))


def cohort(alpha: float, beta: float, customers: int, periods: int, seed: int, c: float = 1.0) -> pl.DataFrame:
    """Survivors of one cohort: each customer leaves with its own chance, drawn from Beta(alpha, beta)."""
    random = np.random.default_rng(seed)
    chance = random.beta(alpha, beta, customers)
    lifetime = (np.log(random.random(customers)) / np.log1p(-chance)) ** (1 / c)
    left = [int((lifetime >= period).sum()) for period in range(periods + 1)]
    return pl.DataFrame({"period": range(periods + 1), "survivors": left})


def survival(alpha: float, beta: float, period: np.ndarray, c: float = 1.0) -> np.ndarray:
    """The true share that is still there."""
    return np.exp(betaln(alpha, beta + np.asarray(period, dtype=float) ** c) - betaln(alpha, beta))


def accounts(count: int, months: int, seed: int, noise: float = 0.08, growth: float = 0.0,
             broken: float = 1.0) -> pl.DataFrame:
    """Spend of steady accounts: account, month, spend, is_broken. A common season, normal noise, growth per month; in
    the last month a tenth of the accounts spends `broken` times what it would."""
    random = np.random.default_rng(seed)
    month = np.arange(months)
    spend = np.exp(random.normal(8, 0.8, count))[:, None] * SEASON[month % 12] * (1 + growth) ** month
    spend = spend * (1 + noise * random.normal(size=(count, months)))
    is_broken = np.zeros((count, months), dtype=bool)
    is_broken[:count // 10, -1] = broken != 1
    return pl.DataFrame({"account": np.repeat(np.arange(count), months), "month": np.tile(month, count),
                         "spend": np.where(is_broken, broken * spend, spend).ravel(), "is_broken": is_broken.ravel()})


def peers(count: int, seed: int) -> pl.DataFrame:
    """Customers whose spend follows from what they are: customer, a..d, trade (text), spend, and the mean and spread of
    the logarithm of spend (the truth)."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(count, 4))
    trade = random.choice(["retail", "bank", "school"], count)
    mean = 5 + 0.6 * x[:, 0] + 0.3 * x[:, 1] * (x[:, 2] > 0) + 0.5 * (trade == "bank")
    spread = 0.3 + 0.2 * (x[:, 3] > 0)
    return pl.DataFrame(x, schema=["a", "b", "c", "d"]).with_columns(
        pl.int_range(count).alias("customer"), pl.Series("trade", trade), pl.Series("mean", mean),
        pl.Series("spread", spread), pl.Series("spend", np.exp(mean + spread * random.normal(size=count))))
