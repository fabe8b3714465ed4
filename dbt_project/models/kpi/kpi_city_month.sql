-- One row per KPI, version, breakdown, city and month (every unit, where the KPI counts each level itself). A day KPI
-- becomes a month KPI by its additivity: a stock (S) is that of the last day known, everything else is the sum of
-- numerators and of denominators; what does not add up over cities has no month. Months up to 125 days back are
-- counted again, because a rate of arrears is known three months after its bills.
with day_values as (

    select
        city_days.kpi_id,
        city_days.definition_version,
        city_days.breakdown_code,
        city_days.rollup_code,
        city_days.org_id,
        city_days.numerator,
        city_days.denominator,
        {{ month_of('city_days.period_start') }} as month_start,
        kpis.additivity = 'S' as is_stock,
        city_days.period_start = max(city_days.period_start) over (
            partition by city_days.kpi_id, {{ month_of('city_days.period_start') }}
        ) as is_last_day
    from {{ ref('kpi_city_day') }} as city_days
    inner join {{ ref('kpis') }} as kpis
        on city_days.kpi_id = kpis.kpi_id and city_days.definition_version = kpis.definition_version
    where city_days.rollup_code = 'sum'

),

month_values as (

    select
        kpi_id,
        definition_version,
        breakdown_code,
        rollup_code,
        org_id,
        numerator,
        denominator,
        month_start as period_start
    from day_values
    where is_last_day or not is_stock

    union all

    select
        kpi_id,
        definition_version,
        breakdown_code,
        rollup_code,
        org_id,
        numerator,
        denominator,
        period_start
    from {{ ref('int_kpi_month') }}

)

select
    kpi_id,
    definition_version,
    breakdown_code,
    rollup_code,
    org_id,
    cast(sum(numerator) as decimal(38, 6)) as numerator,
    cast(sum(denominator) as decimal(38, 6)) as denominator,
    period_start
from month_values
where {{ since_window('period_start', lookback_days=125) }}
group by kpi_id, definition_version, breakdown_code, rollup_code, org_id, period_start
