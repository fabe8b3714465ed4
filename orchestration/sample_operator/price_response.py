"""How use answers to prices: the planted elasticities, as factors on how often people call and go online.

Whoever is on an offer answers to the prices of that offer, from the day on which they change. What is used at the first
prices is drawn elsewhere.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from orchestration.sample_operator.plan import Plan
from orchestration.sample_operator.reference import OFFER_IDS, price_factor

SCHEMA = {"component_code": pl.String, "price_component_code": pl.String, "value": pl.Float64}


def factors(plan: Plan, component: str, day: int) -> np.ndarray | None:
    """By offer position: use of a component on a day against that at the first prices; None where nothing answers."""
    on, found = plan.date_of(day), np.ones(len(OFFER_IDS))
    for one in plan.elasticities:
        if one.component_code == component:
            prices = np.array([price_factor(plan, offer, one.price_component_code, on) for offer in OFFER_IDS])
            found *= prices**one.value
    return None if (found == 1).all() else found


def tilted(drawn: np.ndarray, share: float, factor: np.ndarray) -> np.ndarray:
    """Uniform draws, moved so that below `share` lie as many more as `factor` says and the rest keeps its order."""
    more = share * factor / (1 + share * (factor - 1))
    return np.where(drawn < more, drawn / more * share, share + (drawn - more) / (1 - more) * (1 - share))


def table(plan: Plan) -> pl.DataFrame:
    """The truth: every planted elasticity."""
    rows = [(one.component_code, one.price_component_code, one.value) for one in plan.elasticities]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
