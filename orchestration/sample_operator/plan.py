"""What a sample shall hold: size, seed, calendar and the effects planted in it.

Everything that a caller (or later work) may choose stands here as a frozen value with a default;
a new kind of effect is a new field of `Effects`. No generation happens in this module.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import polars as pl

DAY = 86_400
UTC_OFFSET_S = 8 * 3600  # Asia/Shanghai has had no clock change since 1991
HQ_SENDER = "10000"
LONG_MONTHS = 5  # from which on prices move often enough, and long enough before the end, to tell an elasticity
# offer, component, month of the sample as a divisor of its length, days after the first, factor
LONG_PRICE_CHANGES = (
    ("M008", "VOICE", 3, 0, 0.75), ("M019", "VOICE", 2, 0, 1.3), ("M039", "VOICE", 3, 15, 0.8),
    ("M099", "VOICE", 2, 0, 0.7), ("M199", "VOICE", 3, 0, 1.25), ("M599", "VOICE", 2, 0, 0.8),
    ("M008", "DATA", 2, 0, 1.25), ("M019", "DATA", 3, 0, 0.75), ("M039", "DATA", 2, 0, 0.7),
    ("M059", "DATA", 3, 0, 1.3), ("M199", "DATA", 2, 0, 0.75), ("M399", "DATA", 3, 0, 1.25),
)


@dataclass(frozen=True)
class PriceChange:
    """One offer component gets a new price from midnight of a day on (days counted from the start)."""

    offer_id: str
    component_code: str
    day: int
    factor: float


@dataclass(frozen=True)
class Elasticity:
    """Use of one component answers to the price of a component of the same offer: (price ÷ first price) ** value."""

    component_code: str
    price_component_code: str
    value: float


@dataclass(frozen=True)
class Outage:
    """One cell (by its position in the inventory) carries nothing for a while; seconds from the start."""

    cell: int
    begins_s: int
    lasts_s: int


@dataclass(frozen=True)
class Reorganisation:
    """A city reports to another province from a day on."""

    city_id: int
    province_id: int
    day: int


@dataclass(frozen=True)
class Effects:
    """Planted effects. None means: the usual default for the size of the sample."""

    price_changes: tuple[PriceChange, ...] | None = None
    elasticities: tuple[Elasticity, ...] | None = None
    outages: tuple[Outage, ...] | None = None
    reorganisation: Reorganisation | None = None
    monthly_new: float = 0.025
    monthly_cancel: float = 0.0145
    monthly_port_out: float = 0.0035
    monthly_offer_change: float = 0.01
    late_payer_share: float = 0.06
    never_payer_share: float = 0.005
    silent_share: float = 0.04
    unrated_share: float = 0.0015
    old_version_share: float = 0.03
    unbilled_share: float = 0.0015
    late_record_share: float = 0.004
    missing_quarters_per_month: int = 2
    suspect_share: float = 0.0008
    nil_share: float = 0.0005


@dataclass(frozen=True)
class Plan:
    """One sample: how many subscriptions, from when, how long, from which seed, with which effects."""

    subscribers: int
    months: int
    seed: int
    start: date = date(2026, 1, 1)
    faults: bool = True
    rotation_minutes: int = 60
    effects: Effects = field(default_factory=Effects)

    def __post_init__(self) -> None:
        if self.start.day != 1:
            raise ValueError(f"a sample starts on the first of a month, not on {self.start}")
        if self.subscribers < 50 or self.months < 1:
            raise ValueError("a sample needs at least 50 subscribers and 1 month")
        if 60 % self.rotation_minutes:
            raise ValueError(f"rotation of {self.rotation_minutes} minutes does not divide an hour")

    def rng(self, label: str, *more: int) -> np.random.Generator:
        """An own stream of random numbers per subject and day, so that subjects do not disturb each other."""
        return np.random.default_rng([self.seed, zlib.crc32(label.encode()), *more])

    @cached_property
    def month_days(self) -> list[int]:
        """Day number of the first of every month of the sample, and of the day after its end."""
        firsts, first = [], self.start
        for _ in range(self.months + 1):
            firsts.append((first - self.start).days)
            first = (first + timedelta(days=32)).replace(day=1)
        return firsts

    @property
    def days(self) -> int:
        return self.month_days[-1]

    @property
    def end_s(self) -> int:
        return self.days * DAY

    def date_of(self, day: int) -> date:
        return self.start + timedelta(days=int(day))

    def cycle(self, month: int) -> str:
        return f"{self.date_of(self.month_days[month]):%Y%m}"

    def month_of(self, day: int) -> int:
        return int(np.searchsorted(self.month_days, day, side="right")) - 1

    def issue_day(self, month: int) -> int:
        """Bills of a month are issued on the 3rd of the next one …"""
        return self.month_days[month + 1] + 2

    def due_day(self, month: int) -> int:
        """… and due on the 20th."""
        return self.month_days[month + 1] + 19

    def epoch(self, second: float) -> float:
        """Unix time of a second counted from local midnight of the start."""
        days = (self.start - date(1970, 1, 1)).days
        return days * DAY - UTC_OFFSET_S + second

    def moments(self, seconds: np.ndarray, known: np.ndarray | None = None) -> pl.Series:
        """Local instants from seconds since the start; null where `known` is false."""
        origin = (self.start - date(1970, 1, 1)).days * DAY
        values = pl.Series(np.asarray(seconds, dtype=np.int64) + origin) * 1_000_000
        series = values.cast(pl.Datetime("us"))
        return series if known is None else pl.select(pl.when(pl.Series(known)).then(series)).to_series()

    def dates(self, days: np.ndarray, known: np.ndarray | None = None) -> pl.Series:
        """Dates from days since the start; null where `known` is false."""
        return self.moments(np.asarray(days, dtype=np.int64) * DAY, known).cast(pl.Date)

    @cached_property
    def price_changes(self) -> tuple[PriceChange, ...]:
        if self.effects.price_changes is not None:
            return self.effects.price_changes
        if self.months < 2:
            return ()
        if self.months < LONG_MONTHS:
            return (PriceChange("M039", "VOICE", self.month_days[1] + 15, 0.8),)
        return tuple(PriceChange(offer, component, self.month_days[self.months // part] + day, factor)
                     for offer, component, part, day, factor in LONG_PRICE_CHANGES)

    @cached_property
    def elasticities(self) -> tuple[Elasticity, ...]:
        """None in a short sample: a change of use after one price change could not be told from anything else."""
        if self.effects.elasticities is not None:
            return self.effects.elasticities
        if self.months < LONG_MONTHS:
            return ()
        return (Elasticity("VOICE", "VOICE", -0.6), Elasticity("VOICE", "DATA", 0.2),
                Elasticity("DATA", "DATA", -0.9), Elasticity("DATA", "VOICE", 0.0))

    @cached_property
    def reorganisation(self) -> Reorganisation | None:
        if self.effects.reorganisation is not None or self.months < 3:
            return self.effects.reorganisation
        return Reorganisation(12400, 13000, self.month_days[2])
