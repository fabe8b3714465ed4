-- One row per leased circuit, daily full list.
with source as (

    select * from {{ source('network', 'circuit') }}

)

select
    -- keys
    circuit_id,
    customer_id,
    org_id,
    a_end_site_id,
    b_end_site_id,

    -- attributes
    service_code,
    access_type_code,
    port_type_code,
    circuit_grade_code,
    status_code,

    -- measures
    bandwidth_kbps,
    cast(monthly_fee_fen * 0.01 as decimal(18, 2)) as monthly_fee_amt,

    -- times
    opened_on,
    closed_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
