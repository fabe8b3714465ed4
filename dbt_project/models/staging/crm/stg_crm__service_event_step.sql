-- One row per service-event snapshot and step finished in it; a step is listed again in every later snapshot.
-- The times of a step are written with their distance from UTC.
with listed as (

    {{ json_array_rows(
        ref('stg_crm__service_event'),
        ['service_event_id', 'changed_at', 'changed_at_local', 'source_file', 'line_number', 'file_date'],
        'steps',
        {'step_code': 'step', 'owner_staff_id': 'owner', 'begin_text': 'begin', 'end_text': 'end'}
    ) }}

),

parsed as (

    select
        *,
        cast(replace(substr(begin_text, 1, 19), 'T', ' ') as timestamp) as begin_written_at,
        cast(replace(substr(end_text, 1, 19), 'T', ' ') as timestamp) as end_written_at,
        cast(concat(substr(end_text, 20, 1), '1') as int) * (
            cast(substr(end_text, 21, 2) as int) * 3600 + cast(substr(end_text, 24, 2) as int) * 60
        ) as written_offset_s,
        {{ seconds_between('changed_at', 'changed_at_local') }} as operator_offset_s
    from listed

)

select
    -- keys
    service_event_id,
    changed_at,
    item_number as step_number,

    -- attributes
    step_code,
    owner_staff_id,

    -- times
    {{ add_seconds('begin_written_at', '-written_offset_s') }} as begin_at,
    {{ add_seconds('begin_written_at', 'operator_offset_s - written_offset_s') }} as begin_at_local,
    {{ add_seconds('end_written_at', '-written_offset_s') }} as end_at,
    {{ add_seconds('end_written_at', 'operator_offset_s - written_offset_s') }} as end_at_local,

    -- lineage
    source_file,
    line_number,
    file_date
from parsed
