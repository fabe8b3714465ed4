-- One row per source, operator and city of the month: subscriptions and the price of a basket.
with source as (

    select * from {{ source('crm', 'market_survey') }}

)

select
    -- keys
    survey_on,
    source_code,
    org_id,
    operator_code,

    -- attributes
    method_name,
    sample_size,

    -- measures
    subscription_count,
    net_added_count,
    cast(basket_price_fen * 0.01 as decimal(18, 2)) as basket_price_amt,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
