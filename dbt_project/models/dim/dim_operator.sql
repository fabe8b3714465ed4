-- One row per operator, and the unknown member.
select
    -- keys
    {{ surrogate_key(['operator_code']) }} as operator_key,
    operator_code,

    -- attributes
    name_en as operator_name_en,
    name_zh as operator_name_zh,
    operator_type_code,
    is_own
from {{ ref('operators') }}

union all

select
    {{ unknown_key() }} as operator_key,
    '?' as operator_code,
    'Unknown' as operator_name_en,
    '未知' as operator_name_zh,
    '?' as operator_type_code,
    false as is_own
