-- One row per line or entrance at which customers reach us, with its channel; and the unknown member. A line that was
-- merged behind another one names it and the day from which its contacts count there.
with lines as (

    select * from {{ ref('contact_lines') }}

),

mergers as (

    select * from {{ ref('contact_line_mergers') }}

)

select
    -- keys
    {{ surrogate_key(['lines.line_code']) }} as contact_channel_key,
    lines.line_code,
    mergers.merged_line_code,

    -- attributes
    lines.name_en as line_name_en,
    lines.name_zh as line_name_zh,
    lines.channel_code,
    lines.is_key_customer,
    lines.is_all_hours,

    -- times
    mergers.merged_on
from lines
left join mergers on lines.line_code = mergers.line_code

union all

select
    {{ unknown_key() }} as contact_channel_key,
    '?' as line_code,
    cast(null as string) as merged_line_code,
    'Unknown' as line_name_en,
    '未知' as line_name_zh,
    '?' as channel_code,
    false as is_key_customer,
    false as is_all_hours,
    cast(null as date) as merged_on
