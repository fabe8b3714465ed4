"""From which day a build counts when a register lists what earlier facts already named: as a full build has it."""

from datetime import date

import duckdb
import pytest

from orchestration import build_window, contracts, settings, steps

DAYS = [date(2026, 3, day) for day in range(1, 7)]
MODELS = {
    "staging/billing/stg_billing__listing.sql": """\
-- One row per listing of a sale.
select sale_id, file_date from {{ source('billing', 'listing') }}
""",
    "revenue/fct_sale_listed.sql": """\
-- One row per sale: the day on which the register listed it first, as its build found it.
{{ config(materialized='incremental', unique_key='file_date', partition_by='file_date') }}
select sales.sale_id, min(listings.file_date) as listed_date, sales.file_date
from {{ ref('stg_billing__sale') }} as sales
left join {{ ref('stg_billing__listing') }} as listings on sales.sale_id = listings.sale_id
where {{ since_window('sales.file_date') }}
group by sales.sale_id, sales.file_date
""",
    "ops/ops_unmatched_key.sql": """\
-- One row per load and sale that the register had not listed by the end of that day.
{{ config(materialized='incremental', unique_key='file_date', partition_by='file_date') }}
select 'billing__sale' as contract_id, 'sale_id' as field_name, 'billing__listing' as register_contract_id,
    sale_id as key_value, sale_id <> 'NOT KEPT' as is_kept, listed_date, file_date
from {{ ref('fct_sale_listed') }}
where coalesce(listed_date, cast('9999-12-31' as date)) > file_date and {{ since_window('file_date') }}
""",
}


@pytest.fixture
def shop(home):
    """The miniature with a register of sales."""
    sale = home.contracts / "billing" / "sale.odcs.yaml"
    text = "".join(line for line in sale.read_text().splitlines(keepends=True)
                   if "buyer_token" not in line and "amount_fen" not in line)
    (sale.parent / "listing.odcs.yaml").write_text(text.replace("billing__sale", "billing__listing")
                                                   .replace("name: sale\n", "name: listing\n")
                                                   .replace("^sale_", "^listing_"))
    models = settings.DBT_PROJECT / "models"
    for name, model in MODELS.items():
        (models / name).parent.mkdir(parents=True, exist_ok=True)
        (models / name).write_text(model)
    sources = models / "staging" / "billing" / "_sources.yml"
    sources.write_text(sources.read_text().replace(
        "tables: [", "tables: [{name: listing, identifier: billing__listing}, "))
    return home


def _list(home, day, *numbers, version=1):
    path = home.landing / "billing" / f"listing_{day:%Y%m%d}_v{version}.txt"
    path.write_text("".join(f"{number}\n" for number in numbers))


def _build(home, full_refresh=False):
    """Lands and builds what is new; the day from which the build counted."""
    known = contracts.load_all(home.contracts)
    for name, days in steps.settle(home).items():
        steps.land(home, known[name], days)
    landed = steps.pending(home)
    begin = landed and build_window.begin(home, landed[0])
    steps.build(home, full_refresh=full_refresh)
    return begin


def _tables(home):
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return [connection.execute(f"select * from {name} order by all").fetchall()
                for name in ("revenue.fct_sale_listed", "ops.ops_unmatched_key")]


def test_a_build_reaches_back_to_the_facts_of_what_a_register_lists_late_and_not_further(shop, deliver):
    deliver(DAYS[0], ("never", "A", 100))
    deliver(DAYS[1], ("late", "A", 100))
    deliver(DAYS[2], ("at once", "A", 100), ("NOT KEPT", "A", 100))
    _list(shop, DAYS[2], "at once")
    _build(shop)

    deliver(DAYS[3], ("4", "A", 100))
    assert _build(shop) == DAYS[3], "nothing is listed late: a day's build"
    _list(shop, DAYS[4], "late", "at once", "NOT KEPT")
    assert _build(shop) == DAYS[1]
    incremental = _tables(shop)
    deliver(DAYS[5], ("6", "A", 100))
    _list(shop, DAYS[5], "late", "at once", "6")
    assert _build(shop) == DAYS[5], "what was listed before is not new"

    assert ("late", DAYS[4], DAYS[1]) in incremental[0]
    daily = _tables(shop)
    _build(shop, full_refresh=True)
    not_kept = [[row for row in table if "NOT KEPT" not in row] for table in _tables(shop)]
    assert [[row for row in table if "NOT KEPT" not in row] for table in daily] == not_kept


def test_a_listing_that_is_taken_back_or_comes_on_another_day_reaches_back_too(shop, deliver):
    deliver(DAYS[0], ("1", "A", 100))
    _list(shop, DAYS[3], "1")
    _list(shop, DAYS[4], "1", "4")
    _build(shop)

    _list(shop, DAYS[3], "2", version=2)
    assert _build(shop) == DAYS[0]
    assert _tables(shop)[0] == [("1", DAYS[4], DAYS[0])]
    _list(shop, DAYS[4], "4", version=2)
    assert _build(shop) == DAYS[0]
    assert _tables(shop)[0] == [("1", None, DAYS[0])]
    assert build_window.begin(shop, DAYS[5]) == DAYS[5]


def test_without_a_working_database_the_window_is_that_of_the_files(home):
    assert build_window.begin(home, DAYS[2]) == DAYS[2]
