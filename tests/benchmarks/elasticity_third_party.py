"""The elasticity library on cigarette demand, beside the published figures and a second library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from linearmodels import IV2SLS

from orchestration.analytics import price_elasticity
from tests.third_party import cigarettes


def ten_year_changes() -> Iterator[dict[str, object]]:
    """`apart` is the larger difference to linearmodels, of estimate and standard error."""
    changes = cigarettes.ten_year_changes()
    made = changes.drop("state").to_pandas().assign(one=1.0)
    for instruments, (record, record_se) in cigarettes.RECORDS.items():
        row = price_elasticity.estimate(changes, quantity="packs", price="price", controls=["income"], effects="none",
                                        instruments=instruments).row(0, named=True)
        other = IV2SLS(np.log(made["packs"]), made[["one", "income"]], np.log(made["price"]),
                       made[list(instruments)]).fit(cov_type="robust", debiased=True)
        apart = max(abs(row["estimate"] - other.params["price"]), abs(row["std_error"] - other.std_errors["price"]))
        yield {"instruments": " + ".join(instruments), "record": record, "estimate": row["estimate"],
               "record_se": record_se, "std_error": row["std_error"], "ar_low": row["ar_low"],
               "ar_high": row["ar_high"], "effective_f": row["first_stage_f"],
               "needed": row["first_stage_f_needed"], "apart": f"{apart:.0e}"}


def states_and_years(shared: Path) -> Iterator[dict[str, object]]:
    frame = cigarettes.states_and_years(shared)
    roles = {"quantity": "sales", "price": "price", "cross_prices": ["price_of_neighbours"], "controls": ["income"],
             "unit": "state", "period": "year"}
    for effects, record in cigarettes.PANEL_RECORDS.items():
        row = price_elasticity.estimate(frame, effects=effects, **roles).row(0, named=True)
        yield {"model": f"static, {effects}", "record": record, **_figures(row)}
    for correction in ("none", "half_panel"):
        rows = price_elasticity.long_run(frame, correction=correction, **roles)
        for row, record in zip(rows.iter_rows(named=True), cigarettes.DYNAMIC_RECORD, strict=True):
            yield {"model": f"{row['kind']}, {correction}", "record": record if correction == "none" else None,
                   **_figures(row)}


def _figures(row: dict[str, object]) -> dict[str, object]:
    return {name: row[name] for name in ("estimate", "std_error", "ci_low", "ci_high", "status")}
