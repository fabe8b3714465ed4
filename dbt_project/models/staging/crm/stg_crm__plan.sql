-- One row per plan figure of a city and month, sent when the month begins.
with source as (

    select * from {{ source('crm', 'plan') }}

)

select
    -- keys
    plan_id,
    org_id,

    -- attributes
    plan_type_code,
    status_code,
    reporting_frequency_code,
    unit_code,
    completion_type_code,

    -- measures
    target_value,

    -- times
    period_start_on,
    period_end_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
