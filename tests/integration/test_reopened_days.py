"""Days before the window that files of the window bring to life again, change, or empty: as a full build has them."""

from datetime import date

import duckdb
import pytest

from orchestration import contracts, settings, steps

FIRST, SECOND, THIRD = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)
# A sale happened as many days before its file as it has fen above 100.
MODELS = {
    "fct_sale_event_day": """\
-- One row per day on which something was sold.
with touched_dates as (

    {%- set sold_on = add_days('file_date', '-cast(amount_fen - 100 as int)') %}
    {{ touched_dates('event_date', ref('fct_sale'), sold_on, 'file_date') }}

),

sales as (

    select
        *,
        {{ add_days('file_date', '-cast(amount_fen - 100 as int)') }} as event_date
    from {{ ref('fct_sale') }}

)

select
    count(*) as sale_count,
    max(sales.file_date) as last_file_date,
    sales.event_date
from sales
inner join touched_dates on sales.event_date = touched_dates.event_date
group by sales.event_date
""",
    "fct_sale_recent_day": """\
-- One row per day on which something was sold; the two days before the window are counted again.
select
    count(*) as sale_count,
    {{ add_days('file_date', '-cast(amount_fen - 100 as int)') }} as event_date
from {{ ref('fct_sale') }}
where {{ since_window(add_days('file_date', '-cast(amount_fen - 100 as int)'), lookback_days=2) }}
group by 2
""",
}
PROPERTIES = """\
version: 2
models:
  - name: fct_sale_event_day
    description: One row per day. (销售日)
    config: {materialized: incremental, unique_key: event_date, partition_by: event_date}
    columns:
      - {name: event_date, description: Day. (日期), data_tests: [{unique: {config: {where: event_date since window}}}]}
      - {name: sale_count, description: Sales. (数量)}
      - name: last_file_date
        description: Newest file. (文件日期)
        data_tests:
          - accepted_values:
              arguments: {values: ["2026-03-01"]}
              config: {where: event_date since window, severity: warn}
  - name: fct_sale_recent_day
    description: One row per day. (销售日)
    config: {materialized: incremental, unique_key: event_date, partition_by: event_date, meta: {lookback_days: 2}}
"""


@pytest.fixture
def shop(home):
    """The miniature with two aggregates by the day of the event."""
    folder = settings.DBT_PROJECT / "models" / "revenue"
    for name, text in MODELS.items():
        (folder / f"{name}.sql").write_text(text)
    (folder / "_event_days.yml").write_text(PROPERTIES)
    return home


def _build(home, full_refresh=False):
    known = contracts.load_all(home.contracts)
    for name, days in steps.settle(home).items():
        steps.land(home, known[name], days)
    return steps.build(home, full_refresh=full_refresh)


def _days(home):
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return [dict(connection.execute(f"select event_date, sale_count from revenue.{name}").fetchall())
                for name in MODELS]


@pytest.mark.parametrize(("again", "left"), [
    ([("1", "A", 100)], {THIRD: 1}),                          # every sale of the first and the second day is gone
    ([("1", "A", 100), ("2", "A", 101)], {SECOND: 1, THIRD: 1}),
    ([], {}),
])
def test_a_day_whose_records_a_file_sent_again_takes_back_is_as_a_full_build_has_it(shop, deliver, again, left):
    deliver(THIRD, ("1", "A", 100), ("2", "A", 101), ("3", "A", 102), ("4", "A", 102))
    _build(shop)
    assert _days(shop) == [{FIRST: 2, SECOND: 1, THIRD: 1}] * 2

    deliver(THIRD, *again, version=2)
    _build(shop)

    daily = _days(shop)
    assert daily == [left] * 2
    _build(shop, full_refresh=True)
    assert daily == _days(shop)


def test_records_of_other_files_keep_their_day_when_a_file_takes_its_own_back(shop, deliver):
    deliver(SECOND, ("5", "A", 101))
    deliver(THIRD, ("1", "A", 100), ("2", "A", 102))
    _build(shop)
    assert _days(shop)[0] == {FIRST: 2, THIRD: 1}

    deliver(THIRD, ("1", "A", 100), version=2)
    _build(shop)

    assert _days(shop) == [{FIRST: 1, THIRD: 1}] * 2


def test_data_tests_look_at_the_days_before_the_window_that_were_written_again(shop, deliver):
    deliver(FIRST, ("1", "A", 100))
    _build(shop)
    deliver(THIRD, ("2", "A", 102))
    nodes = {node.name.partition("__")[0]: node for node in _build(shop)}
    assert nodes["accepted_values_fct_sale_event_day_last_file_date"].status == "warn"  # the row of the first day
