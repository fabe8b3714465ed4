-- One row per restatement of a closed month and KPI version that it changed: who owns it and how many figures changed.
with figures as (

    select * from {{ ref('fct_kpi_closed') }}

),

-- A restatement takes the place of the version before it and of what was closed later than that.
restatements as (

    select
        period_month,
        closed_version,
        lag(closed_version) over (partition by period_month order by closed_version) as replaced_from
    from {{ source('ops', 'closing') }}
    where kind <> 'later'

),

before as (

    select
        restatements.closed_version as restated_version,
        figures.*
    from restatements
    inner join figures on restatements.period_month = figures.period_month
        and restatements.replaced_from <= figures.closed_version
        and restatements.closed_version > figures.closed_version

),

after as (

    select
        restatements.closed_version as restated_version,
        figures.*
    from restatements
    inner join figures on restatements.period_month = figures.period_month
        and restatements.closed_version = figures.closed_version
    where restatements.replaced_from is not null

),

changed as (

    select
        coalesce(after.period_month, before.period_month) as period_month,
        coalesce(after.restated_version, before.restated_version) as closed_version,
        coalesce(after.kpi_id, before.kpi_id) as kpi_id,
        coalesce(after.definition_version, before.definition_version) as definition_version
    from after
    full outer join before on after.period_month = before.period_month
        and after.restated_version = before.restated_version
        and after.kpi_id = before.kpi_id and after.definition_version = before.definition_version
        and after.breakdown_code = before.breakdown_code and after.period_type = before.period_type
        and after.period_start = before.period_start and after.org_level_code = before.org_level_code
        and after.org_id = before.org_id
    where
        after.numerator is distinct from before.numerator or after.denominator is distinct from before.denominator
        or after.kpi_id is null or before.kpi_id is null

)

select
    changed.kpi_id,
    kpis.name_en,
    kpis.name_zh,
    kpis.owner,
    cast(changed.definition_version as int) as definition_version,
    changed.closed_version,
    cast(count(*) as bigint) as changed_figure_count,
    changed.period_month
from changed
left join {{ ref('kpis') }} as kpis on changed.kpi_id = kpis.kpi_id
    and changed.definition_version = kpis.definition_version
group by
    changed.kpi_id, kpis.name_en, kpis.name_zh, kpis.owner, changed.definition_version, changed.closed_version,
    changed.period_month
