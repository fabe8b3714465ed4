-- One row per reason of one scheme (contact, status, adjustment), and the unknown member.
-- The code UNKNOWN of the status scheme is a reason that the source states; the unknown member is a
-- code that no list has.
{% set schemes = {'contact': 'contact_reasons', 'status': 'status_reasons', 'adjustment': 'adjustment_reasons'} -%}

with reasons as (

    {% for scheme, seed in schemes.items() -%}
    select
        '{{ scheme }}' as scheme_code,
        reason_code,
        name_en,
        name_zh,
        level2_code,
        level2_name_en,
        level2_name_zh,
        level1_code,
        level1_name_en,
        level1_name_zh
    from {{ ref(seed) }}
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}
)

select
    -- keys
    {{ surrogate_key(['scheme_code', 'reason_code']) }} as reason_key,
    scheme_code,
    reason_code,

    -- attributes
    name_en as reason_name_en,
    name_zh as reason_name_zh,
    level2_code,
    level2_name_en,
    level2_name_zh,
    level1_code,
    level1_name_en,
    level1_name_zh
from reasons

union all

select
    {{ unknown_key() }} as reason_key,
    '?' as scheme_code,
    '?' as reason_code,
    'Unknown' as reason_name_en,
    '未知' as reason_name_zh,
    '?' as level2_code,
    'Unknown' as level2_name_en,
    '未知' as level2_name_zh,
    '?' as level1_code,
    'Unknown' as level1_name_en,
    '未知' as level1_name_zh
