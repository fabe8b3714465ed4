-- One row per circuit, day measured and file date: seconds measured and seconds up. A quarter-hour that is delivered
-- again within 3 days is left out.
with delivered as (

    select
        *,
        {{ repeats_record(['circuit_id', 'begin_at'], within_days=3) }} as is_copy
    from {{ ref('stg_network__circuit_measurement') }}
    where {{ since_window('file_date', lookback_days=3) }}

),

measured as (

    select
        *,
        cast(begin_at_local as date) as measured_date
    from delivered
    where not is_copy and {{ since_window('file_date') }}

),

summed as (

    select
        circuit_id,
        measured_date,
        cast(count(*) as bigint) as quarter_count,
        cast(sum(granularity_s) as bigint) as measured_s,
        cast(sum(up_s) as bigint) as up_s,
        cast(sum(errored_s) as bigint) as errored_s,
        cast(sum(in_bytes) as bigint) as in_bytes,
        cast(sum(out_bytes) as bigint) as out_bytes,
        file_date
    from measured
    group by circuit_id, measured_date, file_date

),

circuits as (

    select * from {{ ref('dim_circuit') }}

)

select
    -- keys
    {{ surrogate_key(['summed.circuit_id', 'summed.measured_date', 'summed.file_date']) }} as circuit_day_key,
    coalesce(circuits.circuit_key, {{ unknown_key() }}) as circuit_key,
    summed.circuit_id,

    -- measures
    summed.quarter_count,
    summed.measured_s,
    summed.up_s,
    summed.measured_s - summed.up_s as down_s,
    summed.errored_s,
    summed.in_bytes,
    summed.out_bytes,

    -- times
    summed.measured_date,
    summed.file_date
from summed
left join circuits on summed.circuit_id = circuits.circuit_id
    and {{ valid_on('circuits', 'summed.measured_date') }}
