-- One row per service sold, and the unknown member.
select
    -- keys
    {{ surrogate_key(['service_code']) }} as service_key,
    service_code,

    -- attributes
    name_en as service_name_en,
    name_zh as service_name_zh,
    service_class_code
from {{ ref('services') }}

union all

select
    {{ unknown_key() }} as service_key,
    '?' as service_code,
    'Unknown' as service_name_en,
    '未知' as service_name_zh,
    '?' as service_class_code
