"""Key facts and KPIs of the published warehouse equal what Polars counts from the raw lake, to the last digit."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pytest

from orchestration.settings import Home
from tests.reliability.polars_facts import FACTS
from tests.reliability.polars_kpis import KPIS
from tests.reliability.polars_lake import Lake, differences

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lake(demo: Home) -> Lake:
    return Lake(demo.raw)


@pytest.fixture(scope="module")
def warehouse(demo: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(demo.published_database), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("kpi", sorted(KPIS))
def test_a_kpi_equals_its_definition_counted_anew(
    kpi: str, lake: Lake, warehouse: duckdb.DuckDBPyConnection
) -> None:
    figure, period, breakdown, factors = KPIS[kpi]
    rows = warehouse.execute(
        f"select period_start, sum(numerator), max(denominator) from kpi.fct_kpi_{period} where kpi_id = ?"
        " and org_level_code = 'HQ' and org_id <> '?' and is_in_force and (breakdown_code = ? or ? = '*')"
        " group by period_start", [kpi, breakdown, breakdown]).fetchall()
    published = {
        day: (numerator * factors[0], (denominator or Decimal(0)) * factors[1]) for day, numerator, denominator in rows
    }
    counted = {day: pair for day, pair in figure(lake).items() if day in published or any(pair)}
    assert published and {day: pair for day, pair in published.items() if any(pair)} == {
        day: pair for day, pair in counted.items() if any(pair)
    }


@pytest.mark.parametrize("fact", sorted(FACTS))
def test_a_fact_equals_the_raw_records_counted_anew(
    fact: str, lake: Lake, warehouse: duckdb.DuckDBPyConnection
) -> None:
    frame, query = FACTS[fact]
    counted, built = frame(lake), warehouse.execute(query).pl()
    assert counted.height and differences(counted, built) == []
