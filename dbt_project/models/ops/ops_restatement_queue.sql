-- One row per figure (KPI, version, breakdown, period, organisation unit) of a closed month that the facts of today
-- would give otherwise: as closed, as counted now, and the change. Empty when nothing is to be restated.
with closed as (

    select * from {{ ref('fct_kpi_closed') }}
    where is_newest

),

closed_kpis as (

    select distinct
        kpi_id,
        definition_version,
        period_type,
        period_start,
        period_month,
        closed_version
    from closed

),

counted as (

    select
        figures.*,
        closed_kpis.period_month,
        closed_kpis.closed_version
    from {{ ref('kpi_org_period') }} as figures
    inner join closed_kpis on figures.kpi_id = closed_kpis.kpi_id
        and figures.definition_version = closed_kpis.definition_version
        and figures.period_type = closed_kpis.period_type and figures.period_start = closed_kpis.period_start

)

select
    coalesce(closed.kpi_id, counted.kpi_id) as kpi_id,
    coalesce(closed.definition_version, counted.definition_version) as definition_version,
    coalesce(closed.breakdown_code, counted.breakdown_code) as breakdown_code,
    coalesce(closed.period_type, counted.period_type) as period_type,
    coalesce(closed.org_level_code, counted.org_level_code) as org_level_code,
    coalesce(closed.org_id, counted.org_id) as org_id,
    coalesce(closed.closed_version, counted.closed_version) as closed_version,
    closed.numerator as closed_numerator,
    counted.numerator as counted_numerator,
    closed.denominator as closed_denominator,
    counted.denominator as counted_denominator,
    closed.kpi_value as closed_value,
    counted.kpi_value as counted_value,
    counted.kpi_value - closed.kpi_value as value_change,
    coalesce(closed.period_month, counted.period_month) as period_month,
    coalesce(closed.period_start, counted.period_start) as period_start
from closed
full outer join counted on closed.kpi_id = counted.kpi_id and closed.definition_version = counted.definition_version
    and closed.breakdown_code = counted.breakdown_code and closed.period_type = counted.period_type
    and closed.period_start = counted.period_start and closed.org_level_code = counted.org_level_code
    and closed.org_id = counted.org_id
where
    closed.numerator is distinct from counted.numerator or closed.denominator is distinct from counted.denominator
    or closed.kpi_id is null or counted.kpi_id is null
