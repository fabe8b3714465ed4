-- Each of the four views of churn holds every loss of every unit and month once.
{{ config(meta={'requirement': ['CUS07', 'ANA22', 'LCK06']}) }}
with views as (

    select 'quantity' as view_code
    union all
    select 'cause' as view_code
    union all
    select 'direction' as view_code
    union all
    select 'structure' as view_code

),

both_sides as (

    select
        view_code,
        org_level_code,
        org_id,
        month_start_date,
        left_count as here_count,
        0 as there_count
    from {{ ref('mart_churn_flow') }}

    union all

    select
        views.view_code,
        flows.org_level_code,
        flows.org_id,
        {{ month_of('flows.snapshot_date') }} as month_start_date,
        0 as here_count,
        flows.left_count as there_count
    from {{ ref('fct_org_flow_day') }} as flows
    cross join views

)

select
    view_code,
    org_level_code,
    org_id,
    month_start_date,
    sum(here_count) as here_count,
    sum(there_count) as there_count
from both_sides
group by view_code, org_level_code, org_id, month_start_date
having sum(here_count) <> sum(there_count)
