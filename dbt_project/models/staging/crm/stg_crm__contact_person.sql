-- One row per contact person of a large customer; a full list on each change.
with source as (

    select * from {{ source('crm', 'contact_person') }}

)

select
    -- keys
    contact_person_id,
    customer_id,

    -- attributes
    name_token,
    phone_token,
    position_code,
    influence_code,
    is_primary,
    status_code,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
