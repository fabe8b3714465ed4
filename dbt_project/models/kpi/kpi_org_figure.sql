-- One row per KPI, version, breakdown, period and organisation unit as it counts for readers: of a KPI whose period is
-- closed the newest closed version, of every other what the facts say today.
with closed as (

    select * from {{ ref('fct_kpi_closed') }}
    where is_newest

),

closed_kpis as (

    select distinct
        kpi_id,
        definition_version,
        period_type,
        period_start
    from closed

),

orgs as (

    select * from {{ ref('dim_org') }}

)

select
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    closed.kpi_id,
    closed.org_id,
    closed.period_type,
    closed.org_level_code,
    closed.breakdown_code,
    closed.rollup_code,
    closed.definition_version,
    closed.is_in_force,
    closed.status_code,
    closed.status_reason,
    closed.closed_version,
    closed.numerator,
    closed.denominator,
    closed.kpi_value,
    closed.period_start,
    closed.period_end
from closed
left join orgs on closed.org_id = orgs.org_id and {{ valid_on('orgs', 'closed.period_end') }}

union all

select
    counted.org_key,
    counted.kpi_id,
    counted.org_id,
    counted.period_type,
    counted.org_level_code,
    counted.breakdown_code,
    counted.rollup_code,
    counted.definition_version,
    counted.is_in_force,
    counted.status_code,
    counted.status_reason,
    cast(null as int) as closed_version,
    counted.numerator,
    counted.denominator,
    counted.kpi_value,
    counted.period_start,
    counted.period_end
from {{ ref('kpi_org_period') }} as counted
left join closed_kpis on counted.kpi_id = closed_kpis.kpi_id
    and counted.definition_version = closed_kpis.definition_version
    and counted.period_type = closed_kpis.period_type and counted.period_start = closed_kpis.period_start
where closed_kpis.kpi_id is null
