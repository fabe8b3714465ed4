-- One row per usage record left out of fct_usage_event because it repeats one of the days before.
-- The first copy wins: a record is a copy when the same record came up to 3 days earlier (or earlier on the
-- same day). The rule looks backwards only, so that a later file never changes a day that is closed.
-- Few records repeat, so only those are put in order: sorting them all was four fifths of the time of the theme.
with records as (

    select * from {{ ref('int_usage_record') }}

),

repeated as (

    select
        record_kind_code,
        record_id
    from records
    group by record_kind_code, record_id
    having count(*) > 1

),

ordered as (

    select
        records.*,
        lag(records.file_date) over (
            partition by records.record_kind_code, records.record_id
            order by records.file_date, records.source_file, records.line_number
        ) as last_copy_date
    from records
    inner join repeated on records.record_kind_code = repeated.record_kind_code
        and records.record_id = repeated.record_id

)

select
    {{ surrogate_key(['source_file', 'line_number', 'file_date']) }} as usage_copy_key,
    record_kind_code,
    record_id,
    subscription_id,
    usage_type_code,
    duration_s,
    up_bytes,
    down_bytes,
    rated_amt,
    last_copy_date,
    source_file,
    line_number,
    file_date
from ordered
where {{ days_between('last_copy_date', 'file_date') }} <= 3 and {{ since_window('file_date') }}
