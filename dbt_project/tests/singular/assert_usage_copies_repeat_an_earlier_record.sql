-- By another route than the model: a record left out has the same record within the 3 days before it (or before it on
-- its own day), a record kept has none.
with staged as (

    select 'rated_voice' as record_kind_code, call_id as record_id, source_file, line_number, file_date
    from {{ ref('stg_billing__rated_voice') }}
    where {{ since_window('file_date', lookback_days=3) }}
    union all
    select 'rated_data' as record_kind_code, session_id as record_id, source_file, line_number, file_date
    from {{ ref('stg_billing__rated_data') }}
    where {{ since_window('file_date', lookback_days=3) }}

),

repeated as (

    select record_kind_code, record_id
    from staged
    group by record_kind_code, record_id
    having count(*) > 1

),

decided as (

    select record_kind_code, record_id, source_file, line_number, file_date, false as is_left_out
    from {{ ref('fct_usage_event') }}
    where {{ since_window('file_date') }}
    union all
    select record_kind_code, record_id, source_file, line_number, file_date, true as is_left_out
    from {{ ref('fct_usage_copy') }}
    where {{ since_window('file_date') }}

),

judged as (

    select
        decided.record_id,
        decided.file_date,
        decided.is_left_out,
        count(earlier.record_id) as earlier_count
    from decided
    inner join repeated on decided.record_kind_code = repeated.record_kind_code and decided.record_id = repeated.record_id
    left join staged as earlier on decided.record_kind_code = earlier.record_kind_code and decided.record_id = earlier.record_id
        and earlier.file_date >= {{ add_days('decided.file_date', -3) }}
        and (
            earlier.file_date < decided.file_date
            or (earlier.file_date = decided.file_date and earlier.source_file < decided.source_file)
            or (
                earlier.file_date = decided.file_date and earlier.source_file = decided.source_file
                and earlier.line_number < decided.line_number
            )
        )
    group by decided.record_id, decided.file_date, decided.is_left_out, decided.source_file, decided.line_number

),

left_out_alone as (

    select decided.record_id, decided.file_date
    from decided
    left join repeated on decided.record_kind_code = repeated.record_kind_code and decided.record_id = repeated.record_id
    where decided.is_left_out and repeated.record_id is null

)

select record_id, file_date from judged where is_left_out <> (earlier_count > 0)
union all
select record_id, file_date from left_out_alone
