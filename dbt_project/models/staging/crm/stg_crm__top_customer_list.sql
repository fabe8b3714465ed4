-- One row per reporting cycle and customer on the national list of top customers that headquarters keeps.
with source as (

    select * from {{ source('crm', 'top_customer_list') }}

)

select
    -- keys
    cycle_code,
    customer_id,

    -- measures
    rank_number,

    -- times
    listed_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
