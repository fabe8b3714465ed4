-- By another route than the model: a record left out has the same record within the 3 days before it (or before it on
-- its own day), a record kept has none.
with staged as (

    select
        'rated_voice' as record_kind_code,
        call_id as record_id,
        source_file,
        line_number,
        file_date
    from {{ ref('stg_billing__rated_voice') }}
    where {{ since_window('file_date', lookback_days=3) }}
    union all
    select
        'rated_data' as record_kind_code,
        session_id as record_id,
        source_file,
        line_number,
        file_date
    from {{ ref('stg_billing__rated_data') }}
    where {{ since_window('file_date', lookback_days=3) }}

),

repeated as (

    select
        record_kind_code,
        record_id
    from staged
    group by record_kind_code, record_id
    having count(*) > 1

),

pairs as (

    select
        later.record_kind_code,
        later.source_file,
        later.line_number,
        later.file_date,
        count(earlier.record_id) as earlier_count
    from staged as later
    inner join repeated on later.record_kind_code = repeated.record_kind_code and later.record_id = repeated.record_id
    left join staged as earlier on later.record_kind_code = earlier.record_kind_code
        and later.record_id = earlier.record_id
        and {{ add_days('later.file_date', -3) }} <= earlier.file_date
        and (
            later.file_date > earlier.file_date
            or (later.file_date = earlier.file_date and later.source_file > earlier.source_file)
            or (
                later.file_date = earlier.file_date and later.source_file = earlier.source_file
                and later.line_number > earlier.line_number
            )
        )
    group by later.record_kind_code, later.source_file, later.line_number, later.file_date

),

kept as (

    select
        record_kind_code,
        source_file,
        line_number,
        file_date,
        1 as kept_count,
        0 as left_out_count
    from {{ ref('fct_usage_event') }}
    where {{ since_window('file_date') }}

),

left_out as (

    select
        record_kind_code,
        source_file,
        line_number,
        file_date,
        0 as kept_count,
        1 as left_out_count
    from {{ ref('fct_usage_copy') }}
    where {{ since_window('file_date') }}

),

decided as (

    select * from kept
    union all
    select * from left_out

)

select
    decided.source_file,
    decided.line_number,
    decided.file_date,
    decided.kept_count,
    decided.left_out_count,
    pairs.earlier_count
from decided
left join pairs on decided.record_kind_code = pairs.record_kind_code and decided.source_file = pairs.source_file
    and decided.line_number = pairs.line_number and decided.file_date = pairs.file_date
where (coalesce(pairs.earlier_count, 0) > 0) <> (decided.left_out_count = 1)
