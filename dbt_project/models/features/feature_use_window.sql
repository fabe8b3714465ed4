-- One row per subscription with use in the six months up to an as-of month, as known by then: how much, whether more or
-- less than before, how much with rivals, and whether its home cell (where it was used most in three months) was out.
-- Months of different length compare by their days; loss and rise by the days of use, so that joining, being away or
-- suspended is no change of habit. A comparison with months without use is null.
{% set months_back = 5 -%}
with months as (

    select
        as_of_month,
        as_of_date
    from {{ ref('feature_as_of') }}
    where is_closed and ({{ since_window('as_of_date', lookback_days=10) }} {{ not_there_yet('as_of_date') }})

),

-- Fewer rows to look at from every as-of month than with the cells in them.
monthly as (

    select
        subscription_id,
        event_month,
        known_month,
        cast(sum(record_count) as bigint) as record_count,
        cast(sum(call_count) as bigint) as call_count,
        cast(sum(rival_call_count) as bigint) as rival_call_count,
        cast(sum(originated_minutes) as bigint) as originated_minutes,
        cast(sum(volume_bytes) as bigint) as volume_bytes,
        bit_or(used_days_mask) as used_days_mask,
        max(last_own_use_date) as last_own_use_date
    from {{ ref('feature_usage_month') }}
    where event_month >= (select {{ add_months('min(as_of_month)', -months_back) }} from months)
    group by subscription_id, event_month, known_month

),

used as (

    select
        months.as_of_month,
        months.as_of_date,
        {{ months_between('monthly.event_month', 'months.as_of_month') }} as months_ago,
        monthly.*
    from monthly
    inner join months on monthly.known_month <= months.as_of_month and monthly.event_month <= months.as_of_month
        and monthly.event_month >= {{ add_months('months.as_of_month', -months_back) }}

),

summed as (

    select
        as_of_month,
        as_of_date,
        subscription_id,
        {%- for ago in range(months_back + 1) %}
        {%- for measure in ['record_count', 'volume_bytes'] %}
        cast(sum(case when months_ago = {{ ago }} then {{ measure }} else 0 end) as bigint) as {{ measure }}_{{ ago }},
        {%- endfor %}
        cast(bit_count(bit_or(case when months_ago = {{ ago }} then used_days_mask else 0 end)) as int)
            as used_days_{{ ago }},
        {%- endfor %}
        cast(sum(case when months_ago = 0 then originated_minutes else 0 end) as bigint) as originated_minutes,
        cast(sum(case when months_ago <= 2 then call_count else 0 end) as bigint) as call_count_3m,
        cast(sum(case when months_ago <= 2 then rival_call_count else 0 end) as bigint) as rival_call_count_3m,
        max(last_own_use_date) as last_own_use_date
    from used
    group by as_of_month, as_of_date, subscription_id

),

dailies as (

    select
        summed.*,
        {%- for ago in range(months_back + 1) %}
        {%- set first = add_months('as_of_month', -ago) %}
        {%- for measure in ['record_count', 'volume_bytes'] %}
        cast({{ measure }}_{{ ago }} as double) / {{ days_between(first, add_months('as_of_month', 1 - ago)) }}
            as {{ measure }}_day_{{ ago }},
        {%- endfor %}
        coalesce(cast(record_count_{{ ago }} as double) / nullif(used_days_{{ ago }}, 0), 0) as use_per_day_{{ ago }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from summed

),

-- The second best month is what was usual: one month of much use is none. 0 where there was use in one month at most.
usual as (

    select
        dailies.*,
        greatest(
            {%- for ago in range(1, months_back) %}
            {%- for other in range(ago + 1, months_back + 1) %}
            least(dailies.use_per_day_{{ ago }}, dailies.use_per_day_{{ other }})
            {{- ',' if not (ago == months_back - 1) }}
            {%- endfor %}
            {%- endfor %}
        ) as usual_use_per_day
    from dailies

),

cells as (

    select
        months.as_of_month,
        usages.subscription_id,
        usages.cell_id,
        row_number() over (
            partition by months.as_of_month, usages.subscription_id
            order by sum(usages.record_count) desc, usages.cell_id
        ) as cell_rank
    from {{ ref('feature_usage_month') }} as usages
    inner join months on usages.known_month <= months.as_of_month and usages.event_month <= months.as_of_month
        and usages.event_month >= {{ add_months('months.as_of_month', -2) }}
    where usages.cell_id <> '?'
    group by months.as_of_month, usages.subscription_id, usages.cell_id

),

alarm_rows as (

    {{ known_rows('network__alarm', [
        'alarm_id', 'cell_id', 'state_code', 'is_service_affecting', 'is_planned', 'raised_at', 'raised_at_local',
        'cleared_at',
    ]) }}

),

alarms as (

    select
        months.as_of_month,
        alarm_rows.alarm_id,
        max(alarm_rows.cell_id) as cell_id,
        max({{ seconds_between('alarm_rows.raised_at', 'alarm_rows.cleared_at') }}) as duration_s
    from alarm_rows
    inner join months on alarm_rows.known_month <= months.as_of_month
        and cast(alarm_rows.raised_at_local as date) >= months.as_of_month
        and cast(alarm_rows.raised_at_local as date) <= months.as_of_date
    where alarm_rows.is_service_affecting and not alarm_rows.is_planned
    group by months.as_of_month, alarm_rows.alarm_id

),

outages as (

    select
        as_of_month,
        cell_id,
        count(*) as outage_count,
        cast(sum(coalesce(duration_s, 0)) as bigint) as outage_s
    from alarms
    group by as_of_month, cell_id

)

select
    -- keys
    usual.subscription_id,
    cells.cell_id as home_cell_id,

    -- measures
    usual.record_count_0 as record_count,
    usual.originated_minutes,
    usual.volume_bytes_0 as volume_bytes,
    cast(round(cast(usual.volume_bytes_0 + usual.volume_bytes_1 + usual.volume_bytes_2 as double) / nullif(
        {%- for ago in range(3) %}
        {{ '+ ' if not loop.first }}case when usual.volume_bytes_{{ ago }} > 0 then 1 else 0 end
        {%- endfor %}, 0), 0) as bigint) as mean_volume_bytes_3m,
    cast(round(cast(usual.used_days_0 as double)
        / {{ days_between('usual.as_of_month', add_months('usual.as_of_month', 1)) }}, 6) as double) as used_day_share,
    cast(round(usual.record_count_day_0 / nullif(greatest(
        usual.record_count_day_1, usual.record_count_day_2, usual.record_count_day_3,
        usual.record_count_day_4, usual.record_count_day_5
    ), 0), 6) as double) as use_to_peak_ratio,
    cast(round(usual.record_count_day_0 / nullif(usual.record_count_day_1, 0), 6) as double)
        as use_to_last_month_ratio,
    case when usual.record_count_2 > 0 and usual.record_count_3 > 0 then
        cast(round((usual.record_count_day_0 + usual.record_count_day_1) / (
            usual.record_count_day_2 + usual.record_count_day_3), 6) as double) end as use_slope_ratio,
    case when usual.use_per_day_0 > 0 and usual.usual_use_per_day > 0 then
        cast(round(greatest(1 - usual.use_per_day_0 / usual.usual_use_per_day, 0), 6) as double)
    end as use_loss_share,
    cast(round(nullif(usual.use_per_day_0, 0) / nullif(usual.use_per_day_1, 0), 6) as double) as use_rise_ratio,
    cast(round(usual.volume_bytes_day_0 / nullif(greatest(
        usual.volume_bytes_day_1, usual.volume_bytes_day_2, usual.volume_bytes_day_3,
        usual.volume_bytes_day_4, usual.volume_bytes_day_5
    ), 0), 6) as double) as volume_to_peak_ratio,
    {{ days_between('usual.last_own_use_date', 'usual.as_of_date') }} as days_since_own_use,
    usual.call_count_3m,
    usual.rival_call_count_3m,
    cast(round(cast(usual.rival_call_count_3m as double) / nullif(usual.call_count_3m, 0), 6) as double)
        as rival_call_share,
    coalesce(outages.outage_count, 0) as home_outage_count,
    coalesce(outages.outage_s, 0) as home_outage_s,

    -- times
    usual.as_of_month,
    usual.as_of_date
from usual
left join cells on usual.as_of_month = cells.as_of_month and usual.subscription_id = cells.subscription_id
    and cells.cell_rank = 1
left join outages on cells.as_of_month = outages.as_of_month and cells.cell_id = outages.cell_id
