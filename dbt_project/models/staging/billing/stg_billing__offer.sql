-- One row per tariff component version of an offer; a full list on each change.
with source as (

    select * from {{ source('billing', 'offer') }}

)

select
    -- keys
    offer_id,
    component_code,
    tariff_version,

    -- attributes
    offer_name,
    offer_family_code,
    service_code,
    is_addon,
    lifecycle_status_code,
    unit_code,

    -- measures
    cast(unit_price_fen * 0.01 as decimal(18, 8)) as unit_price_amt,
    included_quantity,

    -- times
    valid_from,
    valid_to,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
