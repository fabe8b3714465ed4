-- One row per KPI, city and month. A day KPI becomes a month KPI by its additivity: a stock (S) is that of the last
-- day known, everything else is the sum of numerators and of denominators. Months up to 125 days back are counted
-- again, because a rate of arrears is known three months after its bills.
{% set kpis = [
    'k05_average_subscriptions', 'k06_churn_rate', 'k11_billing_subscriptions', 'k13_arpu', 'k15_mou', 'k16_dou',
    'k23_arrears_rate', 'k34_complaint_rate', 'k45_restore_time',
] -%}

with day_values as (

    select
        city_days.kpi_id,
        city_days.org_id,
        city_days.numerator,
        city_days.denominator,
        {{ month_of('city_days.period_start') }} as month_start,
        kpis.additivity = 'S' as is_stock,
        city_days.period_start = max(city_days.period_start) over (
            partition by city_days.kpi_id, {{ month_of('city_days.period_start') }}
        ) as is_last_day
    from {{ ref('kpi_city_day') }} as city_days
    inner join {{ ref('kpis') }} as kpis on city_days.kpi_id = kpis.kpi_id

),

kpis as (

    select
        kpi_id,
        month_start as period_start,
        org_id,
        numerator,
        denominator
    from day_values
    where is_last_day or not is_stock
    {% for kpi in kpis %}
    union all
    select
        kpi_id,
        period_start,
        org_id,
        numerator,
        denominator
    from {{ ref('kpi_' ~ kpi) }}
    {%- endfor %}

)

select
    kpi_id,
    coalesce(org_id, '?') as org_id,
    cast(sum(numerator) as decimal(38, 6)) as numerator,
    cast(sum(denominator) as decimal(38, 6)) as denominator,
    period_start
from kpis
where {{ since_window('period_start', lookback_days=125) }}
group by kpi_id, coalesce(org_id, '?'), period_start
