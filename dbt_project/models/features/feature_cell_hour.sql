-- One row per cell, hour, day of the files and as-of month from which their measurements are known: the sums by which
-- an hour is judged (fct_network_cell_hour). Of a quarter that comes again with the files of the next day the one known
-- first counts, so that what comes later changes no older as-of month.
{% set added = {
    'bearer_releases': 'bearer_release_count', 'bearer_drops': 'bearer_drop_count', 'unavailable_time': 'unavailable_s',
} -%}
with delivered as (

    select
        measurements.measured_object,
        measurements.cell_id,
        measurements.begin_at,
        measurements.begin_at_local,
        measurements.granularity_s,
        case when not measurements.is_suspect then measurements.value_number end as trusted_value,
        counters.role_code,
        files.known_month,
        measurements.file_date
    from {{ ref('stg_network__measurement') }} as measurements
    inner join {{ ref('counters') }} as counters on measurements.counter_name = counters.counter_name
    inner join {{ ref('feature_file') }} as files on measurements.source_file = files.file_name
        and files.contract_id = 'network__measurement'
    where {{ since_window('measurements.file_date', lookback_days=1) }}

),

quarters as (

    select
        measured_object,
        cell_id,
        begin_at,
        begin_at_local,
        known_month,
        file_date,
        {%- for role, column in added.items() %}
        sum(case when role_code = '{{ role }}' then trusted_value end) as {{ column }},
        {%- endfor %}
        sum(case when role_code = 'resource_blocks_used' then trusted_value end) as resource_blocks_pct_sum,
        count(case when role_code = 'resource_blocks_used' then trusted_value end) as resource_blocks_pct_sample_count,
        count(trusted_value) as value_count,
        max(granularity_s) as granularity_s
    from delivered
    group by measured_object, cell_id, begin_at, begin_at_local, known_month, file_date

),

copies as (

    select
        quarters.*,
        first_value(quarters.file_date) over (
            partition by quarters.measured_object, quarters.begin_at order by quarters.known_month, quarters.file_date
        ) as counted_file_date
    from quarters

),

cell_quarters as (

    select
        cell_id,
        begin_at,
        begin_at_local,
        known_month,
        file_date,
        {%- for column in added.values() %}
        sum({{ column }}) as {{ column }},
        {%- endfor %}
        sum(resource_blocks_pct_sum) as resource_blocks_pct_sum,
        sum(resource_blocks_pct_sample_count) as resource_blocks_pct_sample_count,
        sum(value_count) as value_count,
        max(granularity_s) as granularity_s
    from copies
    where file_date = counted_file_date and {{ since_window('file_date') }}
    group by cell_id, begin_at, begin_at_local, known_month, file_date

)

select
    -- keys
    cell_id,

    -- measures
    {%- for column in added.values() %}
    {{ whole_number('sum(' ~ column ~ ')') }} as {{ column }},
    {%- endfor %}
    cast(sum(resource_blocks_pct_sum) as decimal(38, 6)) as resource_blocks_pct_sum,
    cast(sum(resource_blocks_pct_sample_count) as bigint) as resource_blocks_pct_sample_count,
    count(case when value_count > 0 then 1 end) as quarter_count,
    cast(3600 / nullif(max(granularity_s), 0) as int) as expected_quarter_count,

    -- times and lineage
    cast(date_trunc('hour', begin_at) as timestamp) as hour_at,
    cast(date_trunc('hour', begin_at_local) as date) as measured_date,
    known_month,
    file_date
from cell_quarters
group by
    cell_id, cast(date_trunc('hour', begin_at) as timestamp), cast(date_trunc('hour', begin_at_local) as date),
    known_month, file_date
