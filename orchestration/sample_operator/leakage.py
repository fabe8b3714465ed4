"""Money that gets lost or wrongly charged on purpose: unrated records, superseded tariff versions, forgotten fees.

Tells `usage` and `billing` what goes wrong, and the truth folder what should have been charged. Nothing else about
rating is decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator.life import ACTIVE, Life
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.reference import CITY_IDS, OFFER_IDS, Tariff

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World


def rated_calls(plan: Plan, day: int, is_own: np.ndarray, units: dict[str, np.ndarray], due: np.ndarray,
                tariff: Tariff, offer: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the engine charges and by which version: a few records nothing, a few by the version before."""
    rng = plan.rng("leakage of calls", day)
    old_price, old_version = _superseded(plan, day, tariff)
    is_old = is_own & (old_version[offer] != tariff.version[offer])
    is_old &= rng.random(len(due)) < plan.effects.old_version_share
    rated = np.where(is_old, rate(units, old_price, offer), due)
    forgotten = (rng.random(len(due)) < plan.effects.unrated_share) & ~is_old
    return np.where(forgotten, 0, rated), np.where(is_old, old_version[offer], tariff.version[offer])


def rated_data(plan: Plan, day: int, due: np.ndarray) -> np.ndarray:
    return np.where(plan.rng("leakage of data", day).random(len(due)) < plan.effects.unrated_share, 0, due)


def rate(units: dict[str, np.ndarray], price: dict[str, np.ndarray], offer: np.ndarray) -> np.ndarray:
    """Fen per record for the units beyond the free ones, roaming and international multiples already in them."""
    return np.floor(sum(count * price[component][offer] for component, count in units.items()) + 0.5).astype(np.int64)


def _superseded(plan: Plan, day: int, tariff: Tariff) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Price and version before the last price change of each offer; those in force where there was none."""
    price, version = {name: values.copy() for name, values in tariff.price.items()}, tariff.version.copy()
    for change in sorted((c for c in plan.price_changes if c.day <= day), key=lambda c: c.day):
        before, place = Tariff(plan, change.day - 1), OFFER_IDS.index(change.offer_id)
        for name, values in before.price.items():
            price[name][place] = values[place]
        version[place] = before.version[place]
    return price, version


def forgotten_fees(plan: Plan, life: Life, month: int, who: np.ndarray) -> np.ndarray:
    """Which of the subscriptions with a monthly fee are left out of the bill: a few of those active all month."""
    begins, ends = (plan.month_days[month + k] * DAY for k in (0, 1))
    changed = life.subscription[(life.second >= begins) & (life.second < ends)]
    steady = (life.state_at(begins) == ACTIVE) & (life.first_used < begins)
    steady[changed] = False
    able = np.flatnonzero(steady[who])
    many = min(len(able), max(2, round(plan.effects.unbilled_share * len(who))))
    chosen = np.zeros(len(who), dtype=bool)
    chosen[plan.rng("forgotten fees", month).permutation(able)[:many]] = True
    return chosen if plan.effects.unbilled_share else np.zeros(len(who), dtype=bool)


def watch(world: World, day: int, kind: int, records: dict) -> None:
    """Keeps the records of a day that are charged otherwise than they should be; kind 1 calls, 2 data parts."""
    tariff = Tariff(world.plan, day)
    offer = world.life.offer[world.plan.month_of(day)][records["sub"]]
    is_old = records["version"] != tariff.version[offer]
    at = np.flatnonzero((records["due"] != records["rated"]) | is_old)
    sub, base = records["sub"][at], (int(f"{world.plan.date_of(day):%Y%m%d}") * 10 + kind) * 1_000_000_000 + 1
    people = world.population
    world.drawn.setdefault("leakage", {"records": []})["records"].append(pl.DataFrame({
        "record_kind": ["rated_voice" if kind == 1 else "rated_data"] * len(at), "record_id": base + at,
        "subscription_id": people.subscription_id[sub], "org_id": CITY_IDS[people.city[sub]],
        "date": [world.plan.date_of(day)] * len(at), "cycle": [world.plan.cycle(world.plan.month_of(day))] * len(at),
        "kind": np.where(is_old[at], "wrong_version", "unrated"), "due_fen": records["due"][at],
        "rated_fen": records["rated"][at]}, schema_overrides={
            "record_kind": pl.String, "date": pl.Date, "cycle": pl.String, "kind": pl.String}))


def tables(world: World) -> dict[str, pl.DataFrame]:
    """Every record charged wrongly, and every monthly fee that a bill lacks, with what it should have been."""
    records = pl.concat(world.drawn["leakage"]["records"]).sort("record_kind", "record_id")
    fees = pl.concat(world.ledger.forgotten)
    sub, month = fees["sub"].to_numpy(), fees["month"].to_numpy()
    people, plan = world.population, world.plan
    unbilled = pl.DataFrame({
        "cycle": [plan.cycle(m) for m in month.tolist()], "subscription_id": people.subscription_id[sub],
        "org_id": CITY_IDS[people.city[sub]], "is_counted": people.counted[sub],
        "charge_item_code": fees["charge_item_code"], "due_fen": fees["gross_fen"]}, schema_overrides={
            "cycle": pl.String})
    return {"leakage_record": records, "leakage_fee": unbilled}
