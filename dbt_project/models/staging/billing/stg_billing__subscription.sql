-- One row per subscription created or changed on the day; everything on the first day.
with source as (

    select * from {{ source('billing', 'subscription') }}

)

select
    -- keys
    subscription_id,
    account_id,
    customer_id,
    offer_id,
    channel_id,
    org_id,

    -- attributes
    number_token,
    service_code,
    brand_code,
    network_generation_code,
    status_code,
    is_test,
    is_data_sim,
    is_m2m,

    -- times
    opened_at,
    opened_at_local,
    first_used_at,
    first_used_at_local,
    contract_end_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
