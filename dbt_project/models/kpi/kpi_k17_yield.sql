-- One row per city, unit of use and month: K17 yield 单位业务量收入: recognised revenue over billed minutes (MINUTE, ARPM)
-- and over megabytes of mobile data (MB).
with parts as (
    select
        revenue_month as period_start,
        org_id,
        recognised_amt as amount,
        0 as minutes,
        0 as volume_bytes
    from {{ ref('fct_revenue_month') }}
    where not is_excluded
    union all
    select
        {{ month_of('event_date') }} as period_start,
        org_id,
        0 as amount,
        billed_minutes as minutes,
        case when service_code = 'MOBILE' then up_bytes + down_bytes else 0 end as volume_bytes
    from {{ ref('fct_usage_day') }}
    where not is_excluded
),

units as (
    select
        period_start,
        org_id,
        'MINUTE' as breakdown_code,
        amount,
        cast(minutes as double) as volume
    from parts
    union all
    select
        period_start,
        org_id,
        'MB' as breakdown_code,
        amount,
        cast(volume_bytes as double) / 1048576 as volume
    from parts
)

select
    'K17' as kpi_id,
    'month' as period_type,
    period_start,
    org_id,
    breakdown_code,
    cast(sum(amount) as decimal(38, 6)) as numerator,
    cast(sum(volume) as decimal(38, 6)) as denominator
from units
group by period_start, org_id, breakdown_code
