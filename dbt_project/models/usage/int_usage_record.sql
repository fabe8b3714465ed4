-- One row per rated record as delivered, from 3 days before the window on: voice, messages and data in one shape.
with voice as (

    select
        'rated_voice' as record_kind_code,
        call_id as record_id,
        subscription_id,
        usage_type_code,
        direction_code,
        counterpart_token,
        counterpart_operator_code,
        roam_type_code,
        cell_id,
        tariff_version,
        started_at,
        started_at_local,
        duration_s,
        cast(0 as bigint) as up_bytes,
        cast(0 as bigint) as down_bytes,
        rated_amt,
        coalesce(free_unit_used, 0) as free_unit_used,
        source_file,
        line_number,
        file_date
    from {{ ref('stg_billing__rated_voice') }}
    where {{ since_window('file_date', lookback_days=3) }}

),

data as (

    select
        'rated_data' as record_kind_code,
        session_id as record_id,
        subscription_id,
        usage_type_code,
        'NONE' as direction_code,
        cast(null as bigint) as counterpart_token,
        'NONE' as counterpart_operator_code,
        roam_type_code,
        cell_id,
        tariff_version,
        started_at,
        started_at_local,
        cast(0 as bigint) as duration_s,
        up_bytes,
        down_bytes,
        rated_amt,
        coalesce(free_unit_used, 0) as free_unit_used,
        source_file,
        line_number,
        file_date
    from {{ ref('stg_billing__rated_data') }}
    where {{ since_window('file_date', lookback_days=3) }}

)

select * from voice
union all
select * from data
