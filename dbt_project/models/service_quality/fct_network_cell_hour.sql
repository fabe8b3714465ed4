-- One row per cell and hour, from quarter-hour counters. Suspect values are counted but not added; an hour is valid
-- when 3 of its 4 quarters (parameter full_hour_quarters) delivered a value that is not suspect. A quarter of an object
-- that comes again with the files of the next day is left out. A valid hour is degraded when the cell was out of
-- service for a second, dropped more than bad_cell_drop_pct of its bearers or used more than busy_cell_pct of its
-- blocks.
{% set added = {
    'connection_attempts': 'connection_attempt_count', 'connection_successes': 'connection_success_count',
    'bearer_attempts': 'bearer_attempt_count', 'bearer_successes': 'bearer_success_count',
    'bearer_releases': 'bearer_release_count', 'bearer_drops': 'bearer_drop_count',
    'bearer_congestions': 'bearer_congestion_count', 'handover_attempts': 'handover_attempt_count',
    'handover_successes': 'handover_success_count', 'session_time': 'session_s', 'unavailable_time': 'unavailable_s',
    'volume_down': 'volume_down_bytes', 'volume_up': 'volume_up_bytes',
} -%}
{% set averaged = {'connected_users_mean': 'connected_users', 'resource_blocks_used': 'resource_blocks_pct'} -%}

with delivered as (

    select * from {{ ref('stg_network__measurement') }}
    where {{ since_window('file_date', lookback_days=1) }}

),

-- Far fewer rows than the counters: cheaper than numbering the copies of each value.
delivered_the_day_before as (

    select distinct
        measured_object,
        begin_at,
        {{ add_days('file_date', 1) }} as next_date
    from delivered

),

counters as (

    select
        counter_name,
        role_code
    from {{ ref('counters') }}

),

measured as (

    select
        delivered.cell_id,
        cast(date_trunc('hour', delivered.begin_at) as timestamp) as hour_at,
        cast(date_trunc('hour', delivered.begin_at_local) as timestamp) as hour_at_local,
        delivered.begin_at,
        delivered.granularity_s,
        delivered.file_date,
        delivered.is_suspect,
        counters.role_code,
        case when not delivered.is_suspect then delivered.value_number end as trusted_value
    from delivered
    inner join counters on delivered.counter_name = counters.counter_name
    left join delivered_the_day_before on delivered.measured_object = delivered_the_day_before.measured_object
        and delivered.begin_at = delivered_the_day_before.begin_at
        and delivered.file_date = delivered_the_day_before.next_date
    where delivered_the_day_before.measured_object is null and {{ since_window('delivered.file_date') }}

),

-- By quarter first: counting the distinct quarters of an hour would hold every one of them in memory.
quarters as (

    select
        cell_id,
        hour_at,
        hour_at_local,
        begin_at,
        file_date,
        {%- for role, column in added.items() %}
        sum(case when role_code = '{{ role }}' then trusted_value end) as {{ column }},
        {%- endfor %}
        {%- for role, column in averaged.items() %}
        sum(case when role_code = '{{ role }}' then trusted_value end) as {{ column }}_sum,
        count(case when role_code = '{{ role }}' then trusted_value end) as {{ column }}_sample_count,
        {%- endfor %}
        max(case when role_code = 'connected_users_max' then trusted_value end) as connected_users_max,
        count(trusted_value) as value_count,
        count(case when is_suspect then 1 end) as suspect_value_count,
        count(case when not is_suspect and trusted_value is null then 1 end) as missing_value_count,
        max(granularity_s) as granularity_s
    from measured
    group by cell_id, hour_at, hour_at_local, begin_at, file_date

),

hours as (

    select
        cell_id,
        hour_at,
        hour_at_local,
        file_date,
        {%- for column in added.values() %}
        {{ whole_number('sum(' ~ column ~ ')') }} as {{ column }},
        {%- endfor %}
        {%- for column in averaged.values() %}
        cast(sum({{ column }}_sum) as decimal(38, 6)) as {{ column }}_sum,
        cast(sum({{ column }}_sample_count) as bigint) as {{ column }}_sample_count,
        {%- endfor %}
        {{ whole_number('max(connected_users_max)') }} as connected_users_max,
        cast(sum(value_count) as bigint) as value_count,
        cast(sum(suspect_value_count) as bigint) as suspect_value_count,
        cast(sum(missing_value_count) as bigint) as missing_value_count,
        count(case when value_count > 0 then 1 end) as quarter_count,
        cast(3600 / nullif(max(granularity_s), 0) as int) as expected_quarter_count
    from quarters
    group by cell_id, hour_at, hour_at_local, file_date

),

rules as (

    {{ hour_rules() }}

),

judged as (

    select
        hours.*,
        {{ is_valid_hour('hours', 'full_hours') }} as is_valid,
        {{ is_poor_hour('hours', 'drops', 'busy') }} as is_poor
    from hours
    {{ join_hour_rules('cast(hours.hour_at_local as date)') }}

),

cells as (

    select * from {{ ref('dim_network_element') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

)

select
    -- keys
    coalesce(cells.network_element_key, {{ unknown_key() }}) as network_element_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    judged.cell_id,

    -- attributes
    judged.is_valid,
    judged.is_valid and judged.is_poor as is_degraded,

    -- measures
    {%- for column in added.values() %}
    judged.{{ column }},
    {%- endfor %}
    {%- for column in averaged.values() %}
    judged.{{ column }}_sum,
    judged.{{ column }}_sample_count,
    {%- endfor %}
    judged.connected_users_max,
    judged.value_count,
    judged.suspect_value_count,
    judged.missing_value_count,
    judged.quarter_count,
    judged.expected_quarter_count,
    cast(judged.quarter_count as double) / nullif(judged.expected_quarter_count, 0) as quarter_share,

    -- times and lineage
    judged.hour_at,
    judged.hour_at_local,
    cast(judged.hour_at_local as date) as measured_date,
    judged.file_date
from judged
left join cells on judged.cell_id = cells.cell_id and {{ valid_on('cells', 'cast(judged.hour_at_local as date)') }}
left join orgs on cells.org_id = orgs.org_id and {{ valid_on('orgs', 'cast(judged.hour_at_local as date)') }}
