-- One row per customer created or changed on the day; everything on the first day.
with source as (

    select * from {{ source('billing', 'customer') }}

)

select
    -- keys
    customer_id,
    group_id,
    org_id,

    -- attributes
    customer_type_code,
    name_token,
    id_document_token,
    cast(birth_year as int) as birth_year,
    industry_code,
    customer_level_code,
    service_grade_code,
    status_code,
    is_important,
    has_consent,

    -- times
    created_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
