"""KPIs of the network, of restoring and of arrears, counted again: from raw counters, raw alarms and the truth."""

from __future__ import annotations

import pytest

from tests.truth import differences

pytestmark = pytest.mark.slow

# Hours of cells straight from the counters: a valid hour has three of its quarter-hours.
HOURS = """
    select split_part(measured_object, 'EUtranCell=', 2) as cell_id, cast(begin_at_local as date) as day, hour,
           count(distinct begin_at_local) as quarters,
           {sums}
    from (select *, extract(hour from begin_at_local) as hour from raw.network__measurement
          where not is_suspect and value_number is not null)
    group by 1, 2, 3 having quarters >= 3"""
SUMS = {
    "connections": "RRC.ConnEstabSucc", "connection_attempts": "RRC.ConnEstabAtt", "bearers": "ERAB.EstabInitSuccNbr",
    "bearer_attempts": "ERAB.EstabInitAttNbr", "refused": "ERAB.EstabFailNoResource", "drops": "ERAB.RelActNbr",
    "releases": "ERAB.RelAttNbr", "session_s": "ERAB.SessionTimeUE", "down": "DRB.PdcpSduVolumeDl",
    "up": "DRB.PdcpSduVolumeUl", "used": "RRU.PrbTotDl",
}


@pytest.fixture(scope="module")
def hours() -> str:
    sums = [f"sum(value_number) filter (where counter_name = '{name}') as {column}" for column, name in SUMS.items()]
    sums.append("count(*) filter (where counter_name = 'RRU.PrbTotDl') as samples")
    return f"(select hours.*, cells.org_id from ({HOURS.format(sums=', '.join(sums))}) as hours" \
           " inner join dim.dim_network_element as cells on hours.cell_id = cells.cell_id and cells.is_current)"


def found(kpi: str, level: str = "CITY", breakdown: str = "ALL") -> str:
    return f"""select period_start, org_id, round(numerator, 3), round(denominator, 3) from kpi.fct_kpi_day
               where kpi_id = '{kpi}' and org_level_code = '{level}' and breakdown_code = '{breakdown}'"""


def counted(numerator: str, denominator: str, rows: str, unit: str = "org_id") -> str:
    return f"""select day, {unit}, round({numerator}, 3), round({denominator}, 3) from {rows} group by day, {unit}"""


@pytest.mark.parametrize(("level", "unit"), [("CITY", "org_id"), ("HQ", "'10000'")])
def test_accessibility_is_counted_on_each_level(ask, hours, level, unit):
    true = f"""select day, unit, connected * carried, connection_attempts * bearer_attempts from (
        select day, {unit} as unit, sum(connections) as connected, sum(connection_attempts) as connection_attempts,
               sum(bearers) as carried, sum(bearer_attempts) as bearer_attempts from {hours} group by day, {unit})"""
    assert differences(ask, found("K53", level), true) == []


def test_congestion_is_refused_bearers_and_busy_hours(ask, hours):
    refused = counted("sum(refused)", "sum(bearer_attempts)", hours)
    busy = counted("count(*) filter (where used / samples > 80)", "count(*) filter (where samples > 0)", hours)
    assert differences(ask, found("K55", breakdown="REFUSED"), refused) == []
    assert differences(ask, found("K55", breakdown="BUSY_HOUR"), busy) == []


def test_resource_use_is_a_mean_and_the_busiest_hour_of_95_in_100_cells(ask, hours):
    mean = counted("sum(used)", "sum(samples)", hours)
    assert differences(ask, found("K56", breakdown="MEAN"), mean) == []
    cells = f"(select day, cell_id, max(used / samples) as busiest from {hours} group by day, cell_id)"
    rank = "cast(ceil(0.95 * count(busiest)) as int)"
    true = f"select day, '10000', round(list_sort(list(busiest))[{rank}], 3), 1 from {cells} group by day"
    assert differences(ask, found("K56", "HQ", "P95"), true) == []


def test_throughput_is_bits_over_open_seconds(ask, hours):
    assert differences(ask, found("K57"), counted("8 * sum(down + up)", "sum(session_s)", hours)) == []


def test_bad_cells_drop_more_than_one_in_a_hundred(ask, hours):
    cells = f"""(select day, org_id, cell_id, sum(drops) as drops, sum(releases) as releases from {hours}
                group by day, org_id, cell_id having sum(releases) > 0)"""
    true = counted("count(*) filter (where drops / releases > 0.01)", "count(*)", cells)
    assert differences(ask, found("K58"), true) == []


def test_alarms_are_counted_once_by_cause_over_the_cells_measured(ask):
    said = """select period_start, org_id, breakdown_code, cast(numerator as bigint), cast(denominator as bigint)
              from kpi.fct_kpi_day where kpi_id = 'K59' and org_level_code = 'CITY' and numerator > 0"""
    true = """with places as (select cell_id, org_id from dim.dim_network_element where is_current),
        raised as (select alarm_id, any_value(cell_id) as cell_id, min(cast(raised_at_local as date)) as day,
                          any_value(probable_cause_code) as cause from raw.network__alarm group by alarm_id),
        measured as (select cast(begin_at_local as date) as day, org_id, count(distinct cell_id) as cells from (
                         select distinct begin_at_local, split_part(measured_object, 'EUtranCell=', 2) as cell_id
                         from raw.network__measurement) inner join places using (cell_id) group by all)
        select day, org_id, cause, count(*), any_value(cells)
        from raised inner join places using (cell_id) inner join measured using (day, org_id)
        group by day, org_id, cause"""
    assert differences(ask, said, true) == []
    headquarters = """select count(*) from kpi.fct_kpi_day as alarms inner join (
            select measured_date, count(distinct cell_id) as cells from service_quality.fct_network_cell_hour group by 1
        ) on period_start = measured_date
        where kpi_id = 'K59' and org_level_code = 'HQ' and denominator <> cells"""
    assert ask(headquarters) == [(0,)], "every cell counts, also where nothing was wrong"


def test_restore_time_and_arrears_rate_equal_the_truth(ask):
    said = """select strftime(period_start, '%Y%m'), org_id, cast(numerator as bigint), cast(denominator as bigint)
              from kpi.fct_kpi_month where kpi_id = 'K45' and org_level_code = 'CITY' and org_id <> '?'"""
    true = """select cycle, cast(org_id as varchar), fault_restore_s, restored_faults from truth.month
              where restored_faults > 0"""
    assert differences(ask, said, true) == []
    said = """select strftime(period_start, '%Y%m'), org_id, cast(100 * numerator as bigint),
              cast(100 * denominator as bigint) from kpi.fct_kpi_month
              where kpi_id = 'K23' and org_level_code = 'CITY' and org_id <> '?'"""
    # what prepaid accounts top up pays their oldest bills: nothing of theirs is left unpaid
    true = """select billing_cycle, cast(org_id as varchar), cast(sum(case when is_prepaid then 0
                  else greatest(owed_fen - settled_by_arrears_day_fen, 0) end) as bigint), sum(owed_fen)
              from truth.bill where due_on + interval 30 days <= (select max(file_date) from truth.feed_day)
              group by billing_cycle, org_id"""
    assert differences(ask, said, true) == []
