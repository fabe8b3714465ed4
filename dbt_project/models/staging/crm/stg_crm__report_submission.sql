-- One row per report that a province handed in to headquarters, with its version and whether it was accepted.
with source as (

    select * from {{ source('crm', 'report_submission') }}

)

select
    -- keys
    submission_id,
    org_id,

    -- attributes
    report_code,
    cycle_code,
    reporting_frequency_code,
    version_number,
    status_code,

    -- times
    submitted_at,
    submitted_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
