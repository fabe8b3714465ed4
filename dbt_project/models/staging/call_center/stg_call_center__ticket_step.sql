-- One row per ticket version and status change listed in it; a change is listed again in every later version.
-- A change names its zone (Z or +hh:mm) or is in the operator's local time, whose distance from UTC
-- the version of the ticket tells.
with changes as (

    {{ json_array_rows(
        ref('stg_call_center__ticket'),
        ['ticket_id', 'changed_at', 'changed_at_local', 'source_file', 'line_number', 'file_date'],
        'status_changes',
        {'status_code': 'status', 'status_changed_text': 'changeDate', 'change_reason': 'changeReason'}
    ) }}

),

parsed as (

    select
        *,
        cast(replace(substr(status_changed_text, 1, 19), 'T', ' ') as timestamp) as written_at,
        {{ text_match("status_changed_text", "(Z|[+-][0-9][0-9]:?[0-9][0-9])$") }} as zone_text,
        {{ seconds_between('changed_at', 'changed_at_local') }} as operator_offset_s
    from changes

),

zoned as (

    select
        *,
        case
            when zone_text = '' then operator_offset_s
            when zone_text = 'Z' then 0
            else cast(concat(substr(zone_text, 1, 1), '1') as int) * (
                cast(substr(zone_text, 2, 2) as int) * 3600
                + cast(substr(replace(zone_text, ':', ''), 4, 2) as int) * 60
            )
        end as written_offset_s
    from parsed

)

select
    -- keys
    ticket_id,
    changed_at,
    item_number as step_number,

    -- attributes
    status_code,
    change_reason,

    -- times
    {{ add_seconds('written_at', '-written_offset_s') }} as status_changed_at,
    {{ add_seconds('written_at', 'operator_offset_s - written_offset_s') }} as status_changed_at_local,

    -- lineage
    source_file,
    line_number,
    file_date
from zoned
