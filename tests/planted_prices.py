"""Panels of prices and quantities whose elasticities are known: the truth that estimates are held against.

A plan sets its price for all its areas, and partly because of demand: regressions that do not know that go wrong.
"""

from __future__ import annotations

import numpy as np
import polars as pl

ROLES = {"quantity": "quantity", "price": "price", "unit": "unit", "period": "period", "cluster": "plan"}
OWN = -0.8
CROSS = {"price_of_data": 0.15, "price_of_rival": 0.3}


def panel(seed: int, *, own: float = OWN, plans: int = 40, areas: int = 3, periods: int = 36, feedback: float = 0.6,
          cost_sd: float = 0.15, cross: dict[str, float] | None = None) -> pl.DataFrame:
    """plan, area, unit (plan and area), period, quantity, price, one column per cross price, cost.

    ln q = unit + season + own ln p + Σ cross ln p_s + shock; ln p = quality + feedback · shock of the plan + cost. The
    shock of a plan and its cost last from month to month (autocorrelation .5), so that months are not independent;
    `feedback` 0 gives prices that know nothing of demand.
    """
    random = np.random.default_rng(seed)
    effects = CROSS if cross is None else cross
    plan, area, period = (each.ravel() for each in np.meshgrid(np.arange(plans), np.arange(areas), np.arange(periods),
                                                               indexing="ij"))
    of_plan = plan * periods + period
    quality = random.normal(0, 0.5, plans)
    shock = _lasting(random, plans, periods, 0.12).ravel()
    cost = _lasting(random, plans, periods, cost_sd).ravel()
    season = 0.1 * np.sin(2 * np.pi * np.arange(periods) / 12) + 0.01 * np.arange(periods)
    price = (1 + 0.5 * quality[plan] + feedback * shock[of_plan] + cost[of_plan] + 0.02 * period / 12
             + random.normal(0, 0.03, plans * periods)[of_plan])
    others = {name: 1 + 0.3 * season[period] + _lasting(random, plans, periods, 0.12).ravel()[of_plan]
              for name in effects}
    quantity = (4 + quality[plan] + random.normal(0, 0.3, plans * areas)[plan * areas + area] + season[period]
                + own * price + sum(effects[name] * others[name] for name in effects) + shock[of_plan]
                + random.normal(0, 0.08, len(plan)))
    return pl.DataFrame({"plan": plan, "area": area, "unit": plan * areas + area, "period": period,
                         "quantity": np.exp(quantity), "price": np.exp(price),
                         **{name: np.exp(values) for name, values in others.items()}, "cost": cost[of_plan]})


def staggered(seed: int, *, own: float = OWN, plans: int = 30, changed: int = 18, areas: int = 3, periods: int = 24,
              trend: float = 0.0, grows: float = 0.0) -> pl.DataFrame:
    """The same columns without cross prices: `changed` plans change their price once, at different times and by
    different amounts; the others never do. `trend` lets quantity fall before a rise already (prices that follow
    demand); `grows` lets the effect grow by that share of itself per period since the change."""
    random = np.random.default_rng(seed)
    plan, area, period = (each.ravel() for each in np.meshgrid(np.arange(plans), np.arange(areas), np.arange(periods),
                                                               indexing="ij"))
    start = random.integers(6, periods - 5, plans)
    step = np.where(np.arange(plans) < changed, random.choice([-0.2, -0.12, 0.1, 0.15], plans), 0.0)
    since = np.maximum(period - start[plan] + 1, 0)
    dose = step[plan] * (since > 0)
    shock = _lasting(random, plans, periods, 0.05).ravel()
    quantity = (4 + random.normal(0, 0.5, plans * areas)[plan * areas + area] + 0.1 * np.sin(period / 2)
                + own * dose * (1 + grows * since) + trend * step[plan] * (period - start[plan])
                + shock[plan * periods + period] + random.normal(0, 0.05, len(plan)))
    price = random.normal(1, 0.3, plans)[plan] + dose
    return pl.DataFrame({"plan": plan, "area": area, "unit": plan * areas + area, "period": period,
                         "quantity": np.exp(quantity), "price": np.exp(price)})


def remembering(seed: int, *, own: float = -0.4, lasts: float = 0.5, plans: int = 40,
                periods: int = 24) -> pl.DataFrame:
    """plan, period, quantity, price: quantity keeps the share `lasts` of its last period, so that the long run is
    own ÷ (1 − lasts)."""
    random = np.random.default_rng(seed)
    before = 30
    price = _lasting(random, plans, before + periods, 0.15, 0.7)
    level, quantity = random.normal(2, 0.3, plans), np.zeros((plans, before + periods))
    season = 0.1 * np.sin(np.arange(before + periods) / 2)
    for number in range(1, before + periods):
        quantity[:, number] = (level + season[number] + lasts * quantity[:, number - 1] + own * price[:, number]
                               + random.normal(0, 0.1, plans))
    plan, period = np.meshgrid(np.arange(plans), np.arange(periods), indexing="ij")
    return pl.DataFrame({"plan": plan.ravel(), "period": period.ravel(),
                         "quantity": np.exp(quantity[:, before:].ravel()),
                         "price": np.exp(1 + price[:, before:].ravel())})


def untellable() -> dict[str, tuple[pl.DataFrame, dict[str, object]]]:
    """status -> a panel that must be refused with it, and the arguments beside ROLES."""
    frame = panel(2, plans=14, areas=2, periods=18, feedback=0.0)
    random = np.random.default_rng(5)
    plan, period = frame["plan"].to_numpy(), frame["period"].to_numpy()
    on = random.integers(0, 3, (28, 18))[frame["unit"].to_numpy(), period]
    some_zeros = pl.when(pl.int_range(pl.len()) % 5 == 0).then(0.0).otherwise("quantity")
    return {
        "price_did_not_move": (frame.with_columns(price=10 + 0.002 * (pl.col("period") % 12)), {}),
        "moved_together": (frame.with_columns(price=10 * (1 + 0.02 * pl.col("period"))), {}),
        "few_clusters": (frame.with_columns(price=pl.when(pl.col("plan") < 5).then("price").otherwise(10.0)), {}),
        "weak_iv": (frame.with_columns(noise=pl.Series(random.normal(size=(14, 18))[plan, period])),
                    {"instruments": ["noise"]}),
        "plan_choice_moved": (frame.with_columns(on=pl.Series(on), price=pl.Series(
            np.array([8.0, 11.0, 15.0])[on] + 0.01 * period)), {"plan": "on"}),
        "price_is_unit_value": (frame.with_columns(revenue=pl.col("price") * pl.col("quantity")),
                                {"revenue": "revenue"}),
        "positive_own_price": (frame.with_columns(
            quantity=pl.col("price") ** 0.5 * pl.lit(pl.Series(random.lognormal(0, 0.05, frame.height)))), {}),
        "low_n": (frame.head(20), {}),
        "not_identified": (frame.with_columns(copy=pl.col("price").log() * 2), {"controls": ["copy"]}),
        "zeros_with_instruments": (frame.with_columns(quantity=some_zeros), {"instruments": ["cost"]})}


def _lasting(random: np.random.Generator, rows: int, periods: int, deviation: float, lasts: float = 0.5) -> np.ndarray:
    """Rows × periods of a stationary first-order autoregression."""
    drawn = random.normal(0, deviation, (rows, periods))
    drawn[:, 1:] *= np.sqrt(1 - lasts**2)
    for number in range(1, periods):
        drawn[:, number] += lasts * drawn[:, number - 1]
    return drawn
