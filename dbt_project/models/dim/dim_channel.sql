-- One row per sales channel, as the newest monthly list that has it says, or named only by a subscription,
-- order or payment (the list comes after the month); and the unknown member.
with lists as (

    select
        *,
        row_number() over (
            partition by channel_id order by file_date desc, source_file, line_number
        ) as copy_number
    from {{ ref('stg_billing__channel') }}

),

channel_types as (

    select * from {{ ref('channel_types') }}

),

named as (

    select channel_id from {{ ref('stg_billing__channel') }}
    union
    select channel_id from {{ ref('stg_billing__subscription') }}
    where channel_id is not null
    union
    select channel_id from {{ ref('stg_billing__order') }}
    where channel_id is not null
    union
    select channel_id from {{ ref('stg_billing__payment') }}
    where channel_id is not null

)

select
    -- keys
    {{ surrogate_key(['named.channel_id']) }} as channel_key,
    named.channel_id,
    lists.dealer_id,
    lists.org_id,

    -- attributes
    coalesce(lists.name, '未列入 Not listed') as channel_name,
    coalesce(lists.channel_type_code, '?') as channel_type_code,
    coalesce(channel_types.name_en, 'Unknown') as channel_type_name_en,
    coalesce(channel_types.name_zh, '未知') as channel_type_name_zh,
    coalesce(channel_types.is_own, false) as is_own,
    lists.channel_id is not null as is_listed,
    lists.opened_on,
    lists.closed_on
from named
left join lists on named.channel_id = lists.channel_id and lists.copy_number = 1
left join channel_types on lists.channel_type_code = channel_types.channel_type_code

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
    false as is_listed,
    cast(null as date) as opened_on,
    cast(null as date) as closed_on
