"""Why subscriptions leave and where they go: causes, directions, re-entries, silence, and the circles that follow.

Decides for `life` and `usage`; draws no events and no records of its own. When somebody leaves, and for which of the
causes, follows from `hazard`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from orchestration.sample_operator import hazard
from orchestration.sample_operator.drivers import NO_DAY, Drivers
from orchestration.sample_operator.hazard import Hazard
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import CIRCLE, MOBILE, OPERATORS, PREFIXES, Population

if TYPE_CHECKING:
    from orchestration.sample_operator.life import Life

RIVALS, RIVAL_SHARES = np.array(["RV1", "RV2"]), [0.6, 0.4]
SILENT_DAYS, RE_ENTRY_DAYS = 30, 30
FRIENDS = 3  # own numbers in a circle from which its move to a rival can be seen


@dataclass(frozen=True)
class Churn:
    """By subscription: true cause and destination should it leave, the day from which it is silent; re-entries."""

    cause: np.ndarray
    direction: np.ndarray  # RV1, RV2 or NONE
    silent_from: np.ndarray  # NO_DAY if never
    only_incoming: np.ndarray  # silent ones that are still called
    replaces: np.ndarray  # position of the subscription that a new one replaces, -1 if none
    wholly: np.ndarray  # … and whether that one is closed (or only falls silent)


def choose(plan: Plan, population: Population, moved: Drivers, risk: Hazard, active_s: np.ndarray, leaves_s: np.ndarray,
           ports: np.ndarray, leaves_in: np.ndarray) -> tuple[Churn, np.ndarray]:
    """Cause, direction, silence and re-entries; and the seconds of leaving with the replaced ones in them."""
    rng = plan.rng("churn")
    replaces, wholly, leaves_s = _re_entries(plan, population, rng, active_s, leaves_s, ports)
    cause = hazard.causes(risk, leaves_in, ports, rng.random(population.size))
    replaced = replaces[replaces >= 0]
    cause[replaced] = np.where(wholly[replaces >= 0], "RE_ENTRY", cause[replaced])
    goes = ports | (cause == "COMPETITOR")
    direction = np.where(goes, rng.choice(RIVALS, population.size, p=RIVAL_SHARES), "NONE")
    silent_from = moved.silent_from.copy()
    only_incoming = (silent_from < NO_DAY) & (rng.random(population.size) < 0.35)
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
