-- One row per answer.
with source as (

    select * from {{ source('call_center', 'survey') }}

)

select
    -- keys
    response_id,
    contact_id,
    ticket_id,
    customer_id,
    subscription_id,
    question_code,

    -- attributes
    wave_code,
    case
        when question_code = 'SATISFACTION' and scale_max = 5 then cast(score as string)
    end as satisfaction_degree_code,

    -- measures
    score,
    scale_max,

    -- times
    answered_at,
    answered_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
