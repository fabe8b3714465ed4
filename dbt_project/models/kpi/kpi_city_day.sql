-- One row per day KPI, city and day. Days up to 31 days before the window are counted again, for late events.
{% set kpis = [
    'k01_reached_subscriptions', 'k02_new', 'k03_left', 'k04_net_added', 'k37_average_handle_time', 'k54_drop_rate',
] -%}

with kpis as (

    {% for kpi in kpis -%}
    select
        kpi_id,
        period_start,
        org_id,
        numerator,
        denominator
    from {{ ref('kpi_' ~ kpi) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    kpi_id,
    coalesce(org_id, '?') as org_id,
    cast(sum(numerator) as decimal(38, 6)) as numerator,
    cast(sum(denominator) as decimal(38, 6)) as denominator,
    period_start
from kpis
where {{ since_window('period_start', lookback_days=31) }}
group by kpi_id, coalesce(org_id, '?'), period_start
