"""Why subscriptions leave and where they go: causes, directions, re-entries, silence, and the circles that follow.

Decides for `life` and `usage`; draws no events and no records of its own. Causes fit what can be seen: who leaves
for quality has more often lived under a dead cell, who leaves at the end of a contract has one that ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator.network import Network
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import CIRCLE, MOBILE, OPERATORS, PREFIXES, Population, commitments
from orchestration.sample_operator.reference import CITY_IDS

if TYPE_CHECKING:
    from orchestration.sample_operator.life import Life
    from orchestration.sample_operator.operator import World

CAUSES = np.array(["PRICE", "COMPETITOR", "QUALITY", "SERVICE", "MOVE", "CONTRACT_END", "CUSTOMER_REQUEST"])
CANCEL_SHARES, PORT_SHARES = [0.24, 0.24, 0.14, 0.06, 0.12, 0.12, 0.08], [0.3, 0.5, 0.15, 0.05, 0, 0, 0]
QUALITY, CONTRACT_END = CAUSES.tolist().index("QUALITY"), CAUSES.tolist().index("CONTRACT_END")
RIVALS, RIVAL_SHARES = np.array(["RV1", "RV2"]), [0.6, 0.4]
SILENT_DAYS, RE_ENTRY_DAYS = 30, 30
FRIENDS = 3  # own numbers in a circle from which its move to a rival can be seen
NO_DAY = 1 << 30
LEFT_KINDS = {2010: "voluntary", 2020: "involuntary", 2040: "port_out"}


@dataclass(frozen=True)
class Churn:
    """By subscription: true cause and destination should it leave, the day from which it is silent; re-entries."""

    cause: np.ndarray
    direction: np.ndarray  # RV1, RV2 or NONE
    silent_from: np.ndarray  # NO_DAY if never
    only_incoming: np.ndarray  # silent ones that are still called
    replaces: np.ndarray  # position of the subscription that a new one replaces, -1 if none
    wholly: np.ndarray  # … and whether that one is closed (or only falls silent)


def choose(plan: Plan, population: Population, network: Network, active_s: np.ndarray, leaves_s: np.ndarray,
           ports: np.ndarray) -> tuple[Churn, np.ndarray]:
    """Cause, direction, silence and re-entries; and the seconds of leaving with the replaced ones in them."""
    rng = plan.rng("churn")
    replaces, wholly, leaves_s = _re_entries(plan, population, rng, active_s, leaves_s, ports)
    cause = _causes(plan, population, network, rng, leaves_s, ports)
    replaced = replaces[replaces >= 0]
    cause[replaced] = np.where(wholly[replaces >= 0], "RE_ENTRY", cause[replaced])
    goes = ports | (cause == "COMPETITOR")
    direction = np.where(goes, rng.choice(RIVALS, population.size, p=RIVAL_SHARES), "NONE")
    silent_from, only_incoming = _silence(plan, population, rng, leaves_s)
    partly = np.flatnonzero((replaces >= 0) & ~wholly)
    silent_from[replaces[partly]] = population.opened_s[partly] // DAY + 1
    only_incoming[replaces[partly]] = False
    return Churn(cause, direction, silent_from, only_incoming, replaces, wholly), leaves_s


def _re_entries(plan: Plan, population: Population, rng: np.random.Generator, active_s: np.ndarray,
                leaves_s: np.ndarray, ports: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Some newcomers who already had a mobile number close it within three weeks, or stop using it."""
    n, initial = population.size, population.initial
    ordinary = (population.service == MOBILE) & population.counted
    old_of = np.full(population.customers, n)
    olds = np.flatnonzero(ordinary[:initial] & ~ports[:initial] & (active_s[:initial] < 0))
    np.minimum.at(old_of, population.customer[olds], olds)
    old = old_of[population.customer]
    known = (np.arange(n) >= initial) & ordinary & (old < n) & (active_s < plan.end_s) & (rng.random(n) < 0.65)
    known &= leaves_s[np.minimum(old, n - 1)] > population.opened_s + 21 * DAY
    _, first = np.unique(np.where(known, old, n), return_index=True)
    chosen = np.isin(np.arange(n), first) & known
    wholly = chosen & (rng.random(n) < 0.7)
    closes = (population.opened_s // DAY + rng.integers(1, 21, n)) * DAY + rng.integers(9 * 3600, 19 * 3600, n)
    leaves_s = leaves_s.copy()
    leaves_s[old[wholly]] = closes[wholly]
    kept = chosen & ~wholly
    leaves_s[old[kept]] = np.maximum(leaves_s[old[kept]], plan.end_s)
    return np.where(chosen, old, -1), wholly, leaves_s


def _causes(plan: Plan, population: Population, network: Network, rng: np.random.Generator, leaves_s: np.ndarray,
            ports: np.ndarray) -> np.ndarray:
    weight = np.where(ports[:, None], PORT_SHARES, CANCEL_SHARES)
    leaves = leaves_s // DAY
    hit = np.zeros(population.size, dtype=bool)
    for outage in network.outages:
        near = (population.home_cell == outage.cell) | (population.work_cell == outage.cell)
        hit |= near & (leaves_s > outage.begins_s) & (leaves_s < outage.begins_s + 45 * DAY)
    weight[:, QUALITY] *= np.where(hit, 3, 1)
    ends, bound = commitments(plan, population)
    weight[:, CONTRACT_END] *= np.where(bound & (leaves - ends >= 0) & (leaves - ends < 60), 8, np.where(bound, 1, 0))
    share = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
    return CAUSES[(share < rng.random(population.size)[:, None]).sum(axis=1)].astype("U20")


def _silence(plan: Plan, population: Population, rng: np.random.Generator,
             leaves_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A few ordinary mobile subscriptions use nothing from some day on, half of them from the first; some are still
    called by others."""
    n = population.size
    quiet = (np.arange(n) < population.initial) & (population.service == MOBILE) & population.counted
    quiet &= (rng.random(n) < plan.effects.silent_share) & (leaves_s >= plan.end_s)
    begins = np.where(rng.random(n) < 0.5, 0, rng.integers(0, plan.days, n))
    return np.where(quiet, begins, NO_DAY), quiet & (rng.random(n) < 0.35)


def stated(plan: Plan, churn: Churn) -> np.ndarray:
    """What a leaver gives as the reason: mostly the cause, else none; who only changes the number says nothing."""
    honest = plan.rng("stated reasons").random(len(churn.cause)) < 0.85
    return np.where(honest & (churn.cause != "RE_ENTRY"), churn.cause, "CUSTOMER_REQUEST")


@dataclass(frozen=True)
class Circles:
    """Changes of the circles, in order of day: place (subscription × slot), new number and operator."""

    day: np.ndarray
    place: np.ndarray
    number: np.ndarray
    operator: np.ndarray

    def on(self, population: Population, day: int) -> tuple[np.ndarray, np.ndarray]:
        """Numbers and operators of every circle on a day."""
        until = int(np.searchsorted(self.day, day, side="right"))
        number, operator = population.circle_number.copy(), population.circle_operator.copy()
        number.reshape(-1)[self.place[:until]] = self.number[:until]
        operator.reshape(-1)[self.place[:until]] = self.operator[:until]
        return number, operator


def circles(population: Population, life: Life) -> Circles:
    """Who goes to a rival is called there by the friends left behind, from the next day on: a ported number under the
    rival's code, the others under a number that nobody has seen before."""
    sub, second = _gone(life)
    ported = life.status_of_leaving()[sub] == 2040
    rival = np.searchsorted(OPERATORS[:3], life.churn.direction[sub])
    number = np.where(ported, population.number[sub], rival_number(sub, rival))
    order = np.argsort(population.number)
    at = np.minimum(np.searchsorted(population.number[order], population.circle_number[sub]), population.size - 1)
    friend = order[at]
    real = (population.number[friend] == population.circle_number[sub]) & (population.circle_operator[sub] == 0)
    who, slot = np.nonzero(real)
    place = friend[who, slot] * CIRCLE + CIRCLE - 1 - (sub[who] % 4)
    day = second[who] // DAY + 1
    # those who had the ported number in their circle anyway
    mine, held = sub[ported], population.circle_number.reshape(-1)
    back = np.argsort(population.number[mine])
    if len(mine):
        found = np.minimum(np.searchsorted(population.number[mine][back], held), len(mine) - 1)
        is_ported = population.number[mine][back][found] == held
        spot = np.flatnonzero(is_ported)
        gone = np.flatnonzero(ported)[back[found[spot]]]
        place, day = np.concatenate([place, spot]), np.concatenate([day, second[gone] // DAY + 1])
        who = np.concatenate([who, gone])
    rank = np.argsort(day, kind="stable")
    return Circles(day[rank], place[rank], number[who][rank], rival[who][rank].astype(np.int8))


def rival_number(sub: np.ndarray, operator: np.ndarray) -> np.ndarray:
    """A number of the rival that no circle holds at first: its last eight digits begin with 05 to 09."""
    prefix = np.where(operator == 1, PREFIXES[1][0], PREFIXES[2][0])
    return prefix * 100_000_000 + 5_000_000 + sub % 4_999_999


def _gone(life: Life) -> tuple[np.ndarray, np.ndarray]:
    """Positions and seconds of those who left for a rival within the sample."""
    leaves = np.isin(life.status, (2010, 2040)) & (life.churn.direction[life.subscription] != "NONE")
    return life.subscription[leaves], life.second[leaves]


def tables(world: World) -> dict[str, pl.DataFrame]:
    """Every leaver with cause and direction, every re-entry by the rule and by the plan, every silent subscription."""
    plan, people, life = world.plan, world.population, world.life
    left = np.isin(life.status, list(LEFT_KINDS))
    sub, status = life.subscription[left], life.status[left]
    cause = np.where(status == 2020, "ARREARS", life.churn.cause[sub])
    direction = np.where(status == 2020, "NONE", life.churn.direction[sub])
    talks = (people.call_rate[sub] > 0) & ((people.circle_operator[sub] == 0).sum(axis=1) >= FRIENDS)
    seen = np.where(status == 2040, "port", np.where(talks, "circle", "none"))
    evidence = np.where(direction == "NONE", "none", seen)
    leaver = pl.DataFrame({
        "subscription_id": people.subscription_id[sub], "org_id": CITY_IDS[people.city[sub]],
        "left_on": plan.dates(life.second[left] // DAY), "kind": [LEFT_KINDS[int(code)] for code in status],
        "stated_reason_code": life.reason[left], "cause_code": cause, "direction_operator_code": direction,
        "direction_evidence": evidence, "is_counted": people.counted[sub],
        "rival_number": np.where(evidence == "circle", rival_number(sub, np.searchsorted(OPERATORS[:3], direction)),
                                 0)})
    quiet = np.flatnonzero(life.churn.silent_from < plan.days)
    silent = pl.DataFrame({"subscription_id": people.subscription_id[quiet],
                           "silent_from": plan.dates(life.churn.silent_from[quiet]),
                           "is_still_called": life.churn.only_incoming[quiet]})
    return {"leaver": leaver.sort("left_on", "subscription_id"), "re_entry": _re_entry_rows(world),
            "silent_subscription": silent}


def _re_entry_rows(world: World) -> pl.DataFrame:
    """The rule: a customer opens a mobile number while another one of his in the same city is closed by himself at most
    RE_ENTRY_DAYS before or after. `is_planted` tells those that are no coincidence; a part replacement is planted."""
    people, life = world.population, world.life
    closed = life.status == 2010
    ordinary = (people.service == MOBILE) & people.counted
    first = {"second": people.opened_s, "customer": people.customer, "city": people.city, "new": np.arange(people.size)}
    began = np.isin(np.arange(people.size), life.subscription[np.isin(life.status, (1000,))])
    news = pl.DataFrame(first).filter(pl.Series((np.arange(people.size) >= people.initial) & ordinary & began))
    old = life.subscription[closed]
    olds = pl.DataFrame({"old": old, "customer": people.customer[old], "city": people.city[old],
                         "closed": life.second[closed], "old_day": people.opened_s[old] // DAY}).filter(
        pl.Series(ordinary[old]))
    pairs = news.join(olds, on=["customer", "city"]).filter(pl.col("old_day") < pl.col("second") // DAY)
    apart = (pl.col("closed") // DAY - pl.col("second") // DAY).abs()
    pairs = pairs.filter(apart <= RE_ENTRY_DAYS).sort("new", apart, "closed", "old").unique(
        "new", keep="first", maintain_order=True).with_columns(pl.lit("whole").alias("kind"))
    part = np.flatnonzero((life.churn.replaces >= 0) & ~life.churn.wholly & began)
    parts = pl.DataFrame({"new": part, "old": life.churn.replaces[part]}).with_columns(
        pl.lit("part").alias("kind"), pl.lit(None, dtype=pl.Int64).alias("closed")).filter(
        ~pl.col("new").is_in(pairs["new"].implode()))
    rows = pl.concat([pairs.select("new", "old", "kind", "closed"), parts.select("new", "old", "kind", "closed")])
    new, gone = rows["new"].to_numpy(), rows["old"].to_numpy()
    return pl.DataFrame({
        "new_subscription_id": people.subscription_id[new], "old_subscription_id": people.subscription_id[gone],
        "customer_id": people.customer_id[people.customer[new]], "org_id": CITY_IDS[people.city[new]],
        "kind": rows["kind"], "opened_on": world.plan.dates(people.opened_s[new] // DAY),
        "closed_on": world.plan.dates(rows["closed"].fill_null(0).to_numpy() // DAY,
                                      rows["closed"].is_not_null().to_numpy()),
        "is_planted": life.churn.replaces[new] == gone}).sort("opened_on", "new_subscription_id")
