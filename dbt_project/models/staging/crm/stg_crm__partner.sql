-- One row per partner and list.
with source as (

    select * from {{ source('crm', 'partner') }}

)

select
    -- keys
    partner_id,

    -- attributes
    partner_type_code,
    partner_name,
    status_code,
    contract_id,
    grade_code,
    signed_on,
    ends_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
