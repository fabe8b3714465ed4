-- One row per usage record left out of fct_usage_event because it repeats one of the days before.
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
from {{ ref('int_usage_record') }}
where is_copy and {{ since_window('file_date') }}
