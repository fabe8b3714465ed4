-- One row per account created or changed on the day; everything on the first day.
with source as (

    select * from {{ source('billing', 'account') }}

)

select
    -- keys
    account_id,
    customer_id,

    -- attributes
    payment_method_code,
    bank_account_token,
    is_prepaid,
    cycle_group_code,
    credit_grade_code,
    status_code,
    bank_code,

    -- times
    opened_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
