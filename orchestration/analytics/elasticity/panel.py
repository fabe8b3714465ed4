"""Takes a frame of prices and quantities apart: coded values and gaps left out and counted, logarithms, codes.

Columns get names of our own here, so that no name of a caller ever stands in a formula.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from pyfixest.estimation import demean

from orchestration.analytics import inputs
from orchestration.analytics.errors import AnalysisError

DEMEAN_TOLERANCE = 1e-10
EFFECTS = {"twoway": ("unit", "period"), "unit": ("unit",), "none": ()}


@dataclass(frozen=True)
class Columns:
    """Names in the caller's frame."""

    quantity: str
    price: str
    unit: str | None = None
    period: str | None = None
    cluster: str | None = None
    controls: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    cross_prices: tuple[str, ...] = ()
    plan: str | None = None
    revenue: str | None = None

    def used(self) -> list[str]:
        single = (self.quantity, self.price, self.unit, self.period, self.cluster, self.plan, self.revenue)
        return [*dict.fromkeys([name for name in single if name] + [*self.controls, *self.instruments,
                                                                    *self.cross_prices])]


@dataclass(frozen=True)
class Panel:
    """`frame` has outcome, price, cross_0 …, control_0 …, instrument_0 … as they enter the regression, log_price,
    unit, period, cluster as codes where there are such; `named` says which column of the caller each is.
    `at_means` turns a coefficient into an elasticity (1 for logarithms); `apart` is each column less the effects. Rows
    are those of `kept`."""

    frame: pl.DataFrame
    apart: dict[str, np.ndarray]
    kept: pl.DataFrame
    columns: Columns
    effects: tuple[str, ...]
    named: dict[str, str]
    at_means: dict[str, float]
    logs: bool
    counts_zeros: bool
    left_out: int

    @property
    def clusters(self) -> int:
        return self.frame["cluster"].n_unique() if "cluster" in self.frame.columns else 0

    def group(self, kind: str) -> list[str]:
        return [name for name in self.named if name.startswith(f"{kind}_")]

    def array(self, *names: str) -> np.ndarray:
        return self.frame.select(pl.col(name).cast(pl.Float64) for name in names).to_numpy()

    def residual(self, name: str, others: Sequence[str] = ()) -> np.ndarray:
        """What is left of a column after the effects and other columns (Frisch, Waugh and Lovell)."""
        if not others:
            return self.apart[name]
        told = np.column_stack([self.apart[each] for each in others])
        return self.apart[name] - told @ np.linalg.lstsq(told, self.apart[name], rcond=None)[0]

    def codes(self, name: str) -> np.ndarray | None:
        return self.frame[name].to_numpy() if name in self.frame.columns else None

    def without(self, name: str) -> Panel:
        """The same panel without one regressor."""
        return replace(self, named={key: value for key, value in self.named.items() if key != name})


def prepare(frame: pl.DataFrame, columns: Columns, *, effects: str, logs: bool,
            coded: Mapping[str, Sequence[object]] | None) -> Panel:
    """Raises AnalysisError for frames and arguments that cannot be used."""
    inputs.require_columns(frame, columns.used(), "price elasticity")
    _require_roles(columns, effects, coded)
    kept = _complete(frame, columns, coded or {})
    zeros = bool(logs and (kept[columns.quantity] == 0).any())
    if zeros:
        kept = _with_some_quantity(kept, columns, effects)
    named = {"price": columns.price} | {f"{kind}_{number}": name for kind, names in (
        ("cross", columns.cross_prices), ("control", columns.controls), ("instrument", columns.instruments))
        for number, name in enumerate(names)}
    logged = {"price", *(name for name in named if name.startswith("cross_"))} if logs else set()
    values = [pl.col(name).cast(pl.Float64).log().alias(key) if key in logged else
              pl.col(name).cast(pl.Float64).alias(key) for key, name in named.items()]
    quantity = pl.col(columns.quantity).cast(pl.Float64)
    made = kept.select((quantity.log() if logs and not zeros else quantity).alias("outcome"), *values,
                       pl.col(columns.price).cast(pl.Float64).log().alias("log_price"), *_codes(columns))
    scale = {key: 1.0 if logs or key.startswith(("control", "instrument")) else
             float((kept[name].mean() or 0.0) / (kept[columns.quantity].mean() or 1.0)) for key, name in named.items()}
    _require_whole_units(made)
    return Panel(made, _apart(made, EFFECTS[effects]), kept, columns, EFFECTS[effects], named, scale, logs, zeros,
                 frame.height - kept.height)


def _apart(made: pl.DataFrame, effects: tuple[str, ...]) -> dict[str, np.ndarray]:
    names = [name for name in made.columns if name not in ("unit", "period", "cluster")]
    values = made.select(names).to_numpy(order="fortran")
    if not made.height:
        return {name: values[:, 0] for name in names}
    if not effects:
        return {name: column - column.mean() for name, column in zip(names, values.T, strict=True)}
    codes = made.select(effects).to_numpy().astype(np.uint64)
    found, _ = demean(values, codes, np.ones(made.height), tol=DEMEAN_TOLERANCE)
    return dict(zip(names, found.T, strict=True))


def _require_roles(columns: Columns, effects: str, coded: Mapping[str, Sequence[object]] | None) -> None:
    if effects not in EFFECTS:
        raise AnalysisError(f"effects is {effects!r}: choose one of {', '.join(EFFECTS)}")
    if missing := [name for name in EFFECTS[effects] if getattr(columns, name) is None]:
        raise AnalysisError(f"effects={effects!r} needs the column of the {' and of the '.join(missing)}")
    if strange := [name for name in coded or {} if name not in columns.used()]:
        raise AnalysisError(f"coded names {', '.join(strange)}, which this estimate does not use")
    roles = [columns.quantity, columns.price, *columns.controls, *columns.instruments, *columns.cross_prices]
    if twice := sorted({name for name in roles if roles.count(name) > 1}):
        raise AnalysisError(f"{', '.join(twice)} is given two roles: a column is a price, a control or an instrument")


def _complete(frame: pl.DataFrame, columns: Columns, coded: Mapping[str, Sequence[object]]) -> pl.DataFrame:
    """Rows in which every column used is known and is no code."""
    used = frame.select(columns.used())
    if text := [name for name in (columns.quantity, columns.price, *columns.controls, *columns.instruments,
                                  *columns.cross_prices) if not used[name].dtype.is_numeric()]:
        raise AnalysisError(f"{', '.join(text)} must be numbers; turn texts into numbers or leave them out")
    is_code = [is_coded(name, values, frame.schema[name]) for name, values in coded.items()]
    kept = used.filter(~pl.any_horizontal(is_code)) if is_code else used
    numbers = [name for name, kind in kept.schema.items() if kind.is_float()]
    kept = kept.with_columns(pl.when(pl.col(name).is_finite()).then(pl.col(name)) for name in numbers).drop_nulls()
    for name in (columns.price, *columns.cross_prices):
        if (kept[name] <= 0).any():
            raise AnalysisError(f"{name} is 0 or less in {(kept[name] <= 0).sum()} rows: a price is above 0; name "
                                "values that mean 'not offered' or 'free' in coded")
    if (kept[columns.quantity] < 0).any():
        raise AnalysisError(f"{columns.quantity} is below 0 in {(kept[columns.quantity] < 0).sum()} rows")
    return kept


def is_coded(name: str, values: Sequence[object], kind: pl.DataType) -> pl.Expr:
    """Whether a column holds one of the values that are codes; never null."""
    return pl.col(name).is_in(pl.Series(values, dtype=kind, strict=False).to_list()).fill_null(False)


def _with_some_quantity(kept: pl.DataFrame, columns: Columns, effects: str) -> pl.DataFrame:
    """A unit or a period in which nothing was ever bought tells nothing of how quantity moves."""
    for name in (getattr(columns, each) for each in EFFECTS[effects]):
        kept = kept.filter(pl.col(columns.quantity).sum().over(name) > 0)
    return kept


def _codes(columns: Columns) -> list[pl.Expr]:
    """Codes by rank, so that row order plays no part. Without a cluster a unit is one."""
    cluster = columns.cluster or columns.unit
    return [(pl.col(name).rank("dense") - 1).cast(pl.Int64).alias(key)
            for key, name in (("unit", columns.unit), ("period", columns.period), ("cluster", cluster)) if name]


def _require_whole_units(made: pl.DataFrame) -> None:
    if "unit" not in made.columns:
        return
    parted = made.group_by("unit").agg(pl.col("cluster").n_unique()).filter(pl.col("cluster") > 1).height
    if parted:
        raise AnalysisError(f"{parted} units stand in more than one cluster: a cluster holds whole units, such as all "
                            "areas of the plan that sets the price")
