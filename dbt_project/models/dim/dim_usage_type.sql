-- One row per usage type, and the unknown member.
select
    -- keys
    {{ surrogate_key(['usage_type_code']) }} as usage_type_key,
    usage_type_code,

    -- attributes
    name_en as usage_type_name_en,
    name_zh as usage_type_name_zh,
    usage_class_code,
    reach_code,
    is_roaming,
    unit_code
from {{ ref('usage_types') }}

union all

select
    {{ unknown_key() }} as usage_type_key,
    '?' as usage_type_code,
    'Unknown' as usage_type_name_en,
    '未知' as usage_type_name_zh,
    '?' as usage_class_code,
    '?' as reach_code,
    false as is_roaming,
    '?' as unit_code
