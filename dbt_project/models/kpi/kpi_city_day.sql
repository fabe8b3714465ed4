-- One row per day KPI, version, breakdown, city and day (every unit, where the KPI counts each level itself). Days up
-- to 31 days before the window are counted again, for late events.
select
    kpi_id,
    definition_version,
    breakdown_code,
    rollup_code,
    org_id,
    cast(sum(numerator) as decimal(38, 6)) as numerator,
    cast(sum(denominator) as decimal(38, 6)) as denominator,
    period_start
from {{ ref('int_kpi_day') }}
where {{ since_window('period_start', lookback_days=31) }}
group by kpi_id, definition_version, breakdown_code, rollup_code, org_id, period_start
