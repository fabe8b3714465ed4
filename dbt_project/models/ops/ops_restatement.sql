-- One row per version of a closed month: when, by whom and why it was closed or restated, and what that changed.
with closings as (

    select * from {{ source('ops', 'closing') }}

),

figures as (

    select
        period_month,
        closed_version,
        count(*) as figure_count
    from {{ ref('fct_kpi_closed') }}
    group by period_month, closed_version

),

changes as (

    select
        period_month,
        closed_version,
        count(distinct kpi_id) as changed_kpi_count,
        sum(changed_figure_count) as changed_figure_count
    from {{ ref('ops_restated_kpi') }}
    group by period_month, closed_version

)

select
    closings.closed_version,
    closings.kind,
    closings.closed_by,
    closings.reason,
    closings.published_version,
    cast(coalesce(figures.figure_count, 0) as bigint) as figure_count,
    cast(coalesce(changes.changed_kpi_count, 0) as bigint) as changed_kpi_count,
    cast(coalesce(changes.changed_figure_count, 0) as bigint) as changed_figure_count,
    closings.closed_at,
    closings.period_month
from closings
left join figures on closings.period_month = figures.period_month and closings.closed_version = figures.closed_version
left join changes on closings.period_month = changes.period_month and closings.closed_version = changes.closed_version
