-- One row per sales channel, as the newest monthly list that has it says; and the unknown member.
with lists as (

    select
        *,
        row_number() over (partition by channel_id order by file_date desc, source_file, line_number) as copy_number
    from {{ ref('stg_billing__channel') }}

),

channel_types as (

    select * from {{ ref('channel_types') }}

)

select
    -- keys
    {{ surrogate_key(['lists.channel_id']) }} as channel_key,
    lists.channel_id,
    lists.dealer_id,
    lists.org_id,

    -- attributes
    lists.name as channel_name,
    lists.channel_type_code,
    coalesce(channel_types.name_en, 'Unknown') as channel_type_name_en,
    coalesce(channel_types.name_zh, '未知') as channel_type_name_zh,
    coalesce(channel_types.is_own, false) as is_own,
    lists.opened_on,
    lists.closed_on
from lists
left join channel_types on lists.channel_type_code = channel_types.channel_type_code
where lists.copy_number = 1

union all

select
    {{ unknown_key() }} as channel_key,
    '?' as channel_id,
    '?' as dealer_id,
    '?' as org_id,
    '未知 Unknown' as channel_name,
    '?' as channel_type_code,
    'Unknown' as channel_type_name_en,
    '未知' as channel_type_name_zh,
    false as is_own,
    cast(null as date) as opened_on,
    cast(null as date) as closed_on
