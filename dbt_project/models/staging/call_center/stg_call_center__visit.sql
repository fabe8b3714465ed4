-- One row per visit or return call and status reached.
with source as (

    select * from {{ source('call_center', 'visit') }}

)

select
    -- keys
    visit_id,
    status_code,
    customer_id,
    org_id,
    staff_id,
    ticket_id,

    -- attributes
    visit_type_code,
    outcome_code,

    -- times
    changed_at,
    changed_at_local,
    due_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
