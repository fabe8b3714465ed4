-- One row per offer, as the newest list that has it says; and the unknown member.
with components as (

    select
        *,
        row_number() over (
            partition by offer_id order by file_date desc, component_code, tariff_version, source_file, line_number
        ) as copy_number
    from {{ ref('stg_billing__offer') }}

)

select
    -- keys
    {{ surrogate_key(['offer_id']) }} as offer_key,
    offer_id,

    -- attributes
    offer_name,
    offer_family_code,
    service_code,
    is_addon,
    lifecycle_status_code
from components
where copy_number = 1

union all

select
    {{ unknown_key() }} as offer_key,
    '?' as offer_id,
    '未知 Unknown' as offer_name,
    '?' as offer_family_code,
    '?' as service_code,
    false as is_addon,
    '?' as lifecycle_status_code
