-- The totals of headquarters are counted a second time from the lowest grain, past every aggregate in between:
-- reached subscriptions, recognised revenue, billed minutes and mobile data bytes.
with periods as (

    select distinct kpi_id, period_start, period_end
    from {{ ref('fct_kpi_month') }}
    where {{ since_window('period_start') }}

),

subscriptions as (

    select
        subscription_key,
        is_excluded
    from {{ ref('dim_subscription') }}

),

detail as (

    select 'K01' as kpi_id, {{ month_of('snapshot_date') }} as period_start, cast(count(*) as decimal(38, 6)) as numerator
    from {{ ref('fct_subscription_day') }}
    where is_counted and snapshot_date in (
        select max(snapshot_date) from {{ ref('fct_subscription_day') }} group by {{ month_of('snapshot_date') }}
    )
    group by {{ month_of('snapshot_date') }}

    union all

    select 'K13' as kpi_id, charges.billing_month as period_start, sum(charges.net_amt) as numerator
    from {{ ref('fct_bill_charge') }} as charges
    inner join subscriptions on charges.subscription_key = subscriptions.subscription_key
    where not subscriptions.is_excluded
    group by charges.billing_month

    union all

    select
        'K15' as kpi_id,
        {{ month_of('events.event_date') }} as period_start,
        cast(sum(ceil(cast(events.duration_s as double) / 60)) as decimal(38, 6)) as numerator
    from {{ ref('fct_usage_event') }} as events
    inner join subscriptions on events.subscription_key = subscriptions.subscription_key
    where not subscriptions.is_excluded
    group by {{ month_of('events.event_date') }}

    union all

    select
        'K16' as kpi_id,
        {{ month_of('events.event_date') }} as period_start,
        cast(sum(events.up_bytes + events.down_bytes) as decimal(38, 6)) as numerator
    from {{ ref('fct_usage_event') }} as events
    inner join subscriptions on events.subscription_key = subscriptions.subscription_key
    where not subscriptions.is_excluded and events.service_code = 'MOBILE'
    group by {{ month_of('events.event_date') }}

)

select
    periods.kpi_id,
    periods.period_start,
    kpis.numerator,
    detail.numerator as numerator_of_detail
from periods
inner join detail on periods.kpi_id = detail.kpi_id and periods.period_start = detail.period_start
inner join {{ ref('fct_kpi_month') }} as kpis on periods.kpi_id = kpis.kpi_id and periods.period_start = kpis.period_start
where kpis.org_level_code = 'HQ' and kpis.numerator <> detail.numerator
