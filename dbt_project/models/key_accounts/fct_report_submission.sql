-- One row per report handed in to headquarters, every version kept: whether it came in time, and whether it is the one
-- in force, the last that was accepted.
with delivered as (

    select
        *,
        {{ repeats_record(['submission_id']) }} as is_copy
    from {{ ref('stg_crm__report_submission') }}

),

cycles as (

    select * from {{ ref('dim_report_cycle') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

)

select
    -- keys
    {{ surrogate_key(['delivered.submission_id']) }} as report_submission_key,
    coalesce(cycles.report_cycle_key, {{ unknown_key() }}) as report_cycle_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    delivered.submission_id,

    -- attributes
    delivered.report_code,
    delivered.cycle_code,
    delivered.status_code,
    cast(delivered.version_number as int) as version_number,
    cast(delivered.submitted_at_local as date) > cycles.due_on as is_late,
    coalesce(delivered.submission_id = cycles.submission_id, false) as is_in_force,

    -- times and lineage
    cycles.due_on,
    delivered.submitted_at,
    delivered.submitted_at_local,
    cast(delivered.submitted_at_local as date) as submitted_date,
    delivered.source_file,
    delivered.line_number,
    delivered.file_date
from delivered
left join cycles on delivered.report_code = cycles.report_code and delivered.cycle_code = cycles.cycle_code
    and delivered.org_id = cycles.org_id
left join orgs on delivered.org_id = orgs.org_id
    and {{ valid_on('orgs', 'cast(delivered.submitted_at_local as date)') }}
where not delivered.is_copy
