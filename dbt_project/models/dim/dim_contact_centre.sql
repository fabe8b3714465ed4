-- One row per queue of a contact centre, with the centre; and the unknown member.
select
    -- keys
    {{ surrogate_key(['queue_code']) }} as contact_centre_key,
    queue_code,

    -- attributes
    name_en as queue_name_en,
    name_zh as queue_name_zh,
    centre_code,
    centre_name_en,
    centre_name_zh,
    is_key_customer
from {{ ref('contact_queues') }}

union all

select
    {{ unknown_key() }} as contact_centre_key,
    '?' as queue_code,
    'Unknown' as queue_name_en,
    '未知' as queue_name_zh,
    '?' as centre_code,
    'Unknown' as centre_name_en,
    '未知' as centre_name_zh,
    false as is_key_customer
