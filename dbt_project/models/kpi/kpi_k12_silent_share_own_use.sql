-- One row per city and day: K12 silent share 沉默用户占比, version 2: subscriptions reached without use of their own
-- for `silent_days` days, over subscriptions reached; from the day on which so many days of usage are known.
select
    'K12' as kpi_id,
    'day' as period_type,
    snapshot_date as period_start,
    org_id,
    cast(silent_count as decimal(38, 6)) as numerator,
    cast(reached_count as decimal(38, 6)) as denominator
from {{ ref('int_kpi_silent_day') }}
where use_kind_code = 'OWN'
