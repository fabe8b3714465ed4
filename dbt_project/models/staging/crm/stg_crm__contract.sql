-- One row per contract signed or changed on the day; everything on the first day.
with source as (

    select * from {{ source('crm', 'contract') }}

)

select
    -- keys
    contract_id,
    status_code,
    customer_id,
    org_id,
    staff_id,
    opportunity_id,
    renewal_of_contract_id,

    -- attributes
    contract_type_code,
    service_code,
    sales_method_code,

    -- measures
    cast(value_fen * 0.01 as decimal(18, 2)) as value_amt,

    -- times
    signed_on,
    valid_from,
    valid_to,
    changed_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
