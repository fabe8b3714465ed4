-- One row per planned work and cell that it takes out of service; a row delivered again is left out.
with delivered as (

    select
        *,
        cast(begins_at_local as date) as work_date,
        {{ repeats_record(['work_id', 'cell_id']) }} as is_copy
    from {{ ref('stg_network__planned_work') }}

),

works as (

    select * from delivered
    where not is_copy

),

cells as (

    select * from {{ ref('dim_network_element') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

staff as (

    select * from {{ ref('dim_staff') }}

)

select
    -- keys
    {{ surrogate_key(['works.work_id', 'works.cell_id']) }} as planned_work_key,
    coalesce(cells.network_element_key, {{ unknown_key() }}) as network_element_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as approver_staff_key,
    works.work_id,
    works.cell_id,

    -- attributes
    works.work_type_code,

    -- measures
    {{ seconds_between('works.begins_at', 'works.ends_at') }} as planned_s,

    -- times and lineage
    works.begins_at,
    works.begins_at_local,
    works.ends_at,
    works.ends_at_local,
    works.work_date,
    works.source_file,
    works.line_number,
    works.file_date
from works
left join cells on works.cell_id = cells.cell_id and {{ valid_on('cells', 'works.work_date') }}
left join orgs on cells.org_id = orgs.org_id and {{ valid_on('orgs', 'works.work_date') }}
left join staff on works.approver_staff_id = staff.staff_id
