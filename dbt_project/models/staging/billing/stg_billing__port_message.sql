-- One row per state message of a port request.
with source as (

    select * from {{ source('billing', 'port_message') }}

)

select
    -- keys
    port_id,
    state_code,
    subscription_id,

    -- attributes
    number_token,
    port_type_code,
    donor_operator_code,
    recipient_operator_code,
    reject_reason_code,

    -- times
    changed_at,
    changed_at_local,
    requested_at,
    requested_at_local,
    effective_at,
    effective_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
