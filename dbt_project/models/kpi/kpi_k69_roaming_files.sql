-- One row per city, measure and day: K69 roaming files 漫游话单时延与拒收: seconds from event to file (DELAY), by the day of
-- the event; files refused over files delivered (REJECTED), which belong to no city.
select
    'K69' as kpi_id,
    'day' as period_type,
    event_date as period_start,
    org_id,
    'DELAY' as breakdown_code,
    cast(sum(delay_s) as decimal(38, 6)) as numerator,
    cast(sum(event_count) as decimal(38, 6)) as denominator
from {{ ref('fct_roaming_charge') }}
group by event_date, org_id
union all
select
    'K69' as kpi_id,
    'day' as period_type,
    file_date as period_start,
    '?' as org_id,
    'REJECTED' as breakdown_code,
    cast(sum(case when state = 'rejected' then 1 else 0 end) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('ops_file') }}
where contract_id in ('billing__tap_in', 'billing__tap_out') and state in ('accepted', 'rejected')
group by file_date
