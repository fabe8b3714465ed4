-- One row per charge item, and the unknown member.
select
    -- keys
    {{ surrogate_key(['charge_item_code']) }} as charge_item_key,
    charge_item_code,

    -- attributes
    name_en as charge_item_name_en,
    name_zh as charge_item_name_zh,
    charge_class_code,
    charge_class_name_zh
from {{ ref('charge_items') }}

union all

select
    {{ unknown_key() }} as charge_item_key,
    '?' as charge_item_code,
    'Unknown' as charge_item_name_en,
    '未知' as charge_item_name_zh,
    '?' as charge_class_code,
    '未知' as charge_class_name_zh
