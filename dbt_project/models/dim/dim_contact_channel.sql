-- One row per line or entrance at which customers reach us, with its channel; and the unknown member.
select
    -- keys
    {{ surrogate_key(['line_code']) }} as contact_channel_key,
    line_code,

    -- attributes
    name_en as line_name_en,
    name_zh as line_name_zh,
    channel_code,
    is_key_customer,
    is_all_hours
from {{ ref('contact_lines') }}

union all

select
    {{ unknown_key() }} as contact_channel_key,
    '?' as line_code,
    'Unknown' as line_name_en,
    '未知' as line_name_zh,
    '?' as channel_code,
    false as is_key_customer,
    false as is_all_hours
