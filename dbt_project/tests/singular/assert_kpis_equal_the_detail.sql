-- Totals of headquarters are counted a second time from the lowest grain, past every aggregate in between: reached
-- subscriptions, recognised revenue, billed minutes and mobile data bytes.
with subscriptions as (

    select subscription_key
    from {{ ref('dim_subscription') }}
    where not is_excluded

),

events as (

    select
        {{ month_of('events.event_date') }} as period_start,
        cast(sum(ceil(cast(events.duration_s as double) / 60)) as decimal(38, 6)) as billed_minutes,
        cast(sum(
            case when events.service_code = 'MOBILE' then events.up_bytes + events.down_bytes end
        ) as decimal(38, 6)) as mobile_bytes
    from {{ ref('fct_usage_event') }} as events
    inner join subscriptions on events.subscription_key = subscriptions.subscription_key
    group by {{ month_of('events.event_date') }}

),

detail as (

    select
        'K01' as kpi_id,
        {{ month_of('subscription_days.snapshot_date') }} as period_start,
        cast(count(*) as decimal(38, 6)) as numerator
    from {{ ref('fct_subscription_day') }} as subscription_days
    inner join {{ last_days_of_months(ref('fct_subscription_day'), 'snapshot_date') }} as last_days
        on subscription_days.snapshot_date = last_days.last_date
    where subscription_days.is_counted
    group by {{ month_of('subscription_days.snapshot_date') }}

    union all

    select
        'K13' as kpi_id,
        charges.billing_month as period_start,
        cast(sum(charges.net_amt) as decimal(38, 6)) as numerator
    from {{ ref('fct_bill_charge') }} as charges
    inner join subscriptions on charges.subscription_key = subscriptions.subscription_key
    group by charges.billing_month

    union all

    select
        'K15' as kpi_id,
        period_start,
        billed_minutes as numerator
    from events

    union all

    select
        'K16' as kpi_id,
        period_start,
        mobile_bytes as numerator
    from events

)

select
    kpis.kpi_id,
    kpis.period_start,
    kpis.numerator,
    detail.numerator as numerator_of_detail
from {{ ref('kpi_org_period') }} as kpis
left join detail on kpis.kpi_id = detail.kpi_id and kpis.period_start = detail.period_start
where
    kpis.period_type = 'month' and kpis.org_level_code = 'HQ' and kpis.is_in_force
    and kpis.kpi_id in ('K01', 'K13', 'K15', 'K16')
    and {{ since_window('kpis.period_start') }}
    and kpis.numerator <> coalesce(detail.numerator, 0)
