-- One row per contact after which a survey was asked for.
with source as (

    select * from {{ source('call_center', 'survey_invitation') }}

)

select
    -- keys
    invitation_id,
    contact_id,
    customer_id,
    subscription_id,

    -- attributes
    wave_code,

    -- times
    invited_at,
    invited_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
