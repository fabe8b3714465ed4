-- One row per subscription and month of the monthly snapshot, without excluded and invalid ones: its class of activity
-- and its stage of the life cycle. Activity is the share of its counted days with own use (a call or message of its
-- own, or data); no own use at all is a class of its own. The stages and their rules, in the order in which they are
-- asked, are in `seeds/lifecycle_stages.csv`, the limits in `seeds/parameters.csv`, dated by the month.
{% set limits = ['activity_high_pct', 'activity_medium_pct', 'lifecycle_new_months', 'lifecycle_change_pct'] -%}
with touched_months as (

    {{ touched_dates('month_start_date', ref('fct_communication_day'), month_of('event_date'), 'last_file_date') }}

),

first_touched as (

    select min(month_start_date) as month_start_date from touched_months

),

-- A month is written again with every later one, because a stage looks at the three months before.
months as (

    select subscription_months.*
    from {{ ref('fct_subscription_month') }} as subscription_months
    cross join first_touched
    where
        {{ since_window('subscription_months.month_start_date', lookback_days=31) }}
        or subscription_months.month_start_date >= first_touched.month_start_date

),

first_month as (

    select min(month_start_date) as month_start_date from months

),

states as (

    select * from {{ ref('subscription_states') }}

),

use_months as (

    select
        use_days.subscription_id,
        {{ month_of('use_days.event_date') }} as month_start_date,
        cast(sum(case when use_days.is_communicating then 1 else 0 end) as bigint) as active_day_count,
        cast(sum(use_days.own_record_count) as bigint) as own_record_count,
        max(use_days.last_file_date) as last_file_date
    from {{ ref('fct_communication_day') }} as use_days
    inner join first_month on {{ add_months('first_month.month_start_date', -3) }} <= use_days.event_date
    group by use_days.subscription_id, {{ month_of('use_days.event_date') }}

),

-- What was before: up to three months.
earlier_months as (

    select
        months.subscription_id,
        months.month_start_date,
        cast(sum(coalesce(use_months.active_day_count, 0)) as bigint) as active_day_count,
        cast(sum(earlier.counted_day_count) as bigint) as counted_day_count
    from months
    inner join {{ ref('fct_subscription_month') }} as earlier on months.subscription_id = earlier.subscription_id
        and months.month_start_date > earlier.month_start_date
        and {{ add_months('months.month_start_date', -3) }} <= earlier.month_start_date
    left join use_months on earlier.subscription_id = use_months.subscription_id
        and earlier.month_start_date = use_months.month_start_date
    group by months.subscription_id, months.month_start_date

),

silent_periods as (

    select * from {{ ref('fct_silent_period') }}
    where use_kind_code = 'OWN'

),

measured as (

    select
        months.*,
        coalesce(states.is_reached, false) as is_reached,
        coalesce(states.is_final, false) as is_final,
        states.state_code is null as is_unknown_state,
        silent_periods.subscription_id is not null as is_silent,
        coalesce(use_months.active_day_count, 0) as active_day_count,
        coalesce(use_months.own_record_count, 0) as own_record_count,
        coalesce(earlier_months.active_day_count, 0) as earlier_active_day_count,
        coalesce(earlier_months.counted_day_count, 0) as earlier_counted_day_count,
        {%- for limit in limits %}
        cast({{ limit }}.parameter_value as bigint) as {{ limit }},
        {%- endfor %}
        use_months.last_file_date
    from months
    left join states on months.state_code = states.state_code
    left join use_months on months.subscription_id = use_months.subscription_id
        and months.month_start_date = use_months.month_start_date
    left join earlier_months on months.subscription_id = earlier_months.subscription_id
        and months.month_start_date = earlier_months.month_start_date
    left join silent_periods on months.subscription_id = silent_periods.subscription_id
        and months.snapshot_date >= silent_periods.silent_from and months.snapshot_date < silent_periods.silent_to
    {%- for limit in limits %}
    left join {{ ref('parameters') }} as {{ limit }} on {{ limit }}.parameter_code = '{{ limit }}'
        and {{ valid_on(limit, 'months.month_start_date') }}
    {%- endfor %}
    where not months.is_excluded and not coalesce(states.is_invalid, false)

)

select
    -- keys
    subscription_key,
    customer_key,
    org_key,
    offer_key,
    subscription_id,

    -- attributes
    case
        when active_day_count = 0 then 'ZERO'
        when 100 * active_day_count >= activity_high_pct * counted_day_count then 'HIGH'
        when 100 * active_day_count >= activity_medium_pct * counted_day_count then 'MEDIUM'
        else 'LOW'
    end as activity_class_code,
    case
        when is_unknown_state then '?'
        when is_final then 'lost'
        when not is_reached then 'prospect'
        when regained_count > 0 then 'regained'
        when is_silent then 'dormant'
        when tenure_months < lifecycle_new_months then 'new'
        when
            earlier_counted_day_count > 0
            and active_day_count * earlier_counted_day_count > earlier_active_day_count * counted_day_count
            and 100 * active_day_count * earlier_counted_day_count
            >= (100 + lifecycle_change_pct) * earlier_active_day_count * counted_day_count
            then 'growing'
        when
            active_day_count * earlier_counted_day_count < earlier_active_day_count * counted_day_count
            and 100 * active_day_count * earlier_counted_day_count
            <= (100 - lifecycle_change_pct) * earlier_active_day_count * counted_day_count
            then 'declining'
        else 'mature'
    end as lifecycle_stage_code,
    is_counted,
    is_complete,

    -- measures
    active_day_count,
    counted_day_count,
    own_record_count,
    earlier_active_day_count,
    earlier_counted_day_count,
    tenure_months,

    -- times and lineage
    last_file_date,
    snapshot_date,
    month_start_date
from measured
