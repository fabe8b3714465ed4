-- One row per day, for headquarters: K77 reconciliation pass rate 对帐通过率: feeds and measures of the day of which every
-- layer (ledger, lake, staging, facts) says the same, over all that are compared.
with headquarters as (
    select max(org_id) as hq_id from {{ ref('dim_org') }}
    where org_level_code = 'HQ'
),

checks as (
    select
        subject,
        measure,
        period_start,  -- a layer has no line for a day without rows
        min(total) = max(total) and (count(*) >= 3 or max(total) = 0) as is_passed
    from {{ ref('ops_layer_total') }}
    group by subject, measure, period_start
)

select
    'K77' as kpi_id,
    'day' as period_type,
    checks.period_start,
    coalesce(headquarters.hq_id, '?') as org_id,
    cast(count(case when checks.is_passed then 1 end) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from checks
cross join headquarters
group by checks.period_start, headquarters.hq_id
