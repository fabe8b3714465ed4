-- One row per subscription, kind of use and run of days on which it is silent: no use for `silent_days` days, the day
-- itself included. Kind ANY counts every record, kind OWN only what the subscription did itself (not being called).
-- A subscription that was never used is counted from its opening, at the earliest from the day before the first file.
with days as (

    select
        subscription_id,
        event_date,
        is_communicating
    from {{ ref('fct_communication_day') }}

),

feed as (

    select
        {{ add_days('first_file_date', -1) }} as start_date,
        last_file_date as end_date
    from {{ ref('ops_feed') }}
    where contract_id = 'billing__rated_voice'

),

openings as (

    select
        subscriptions.subscription_id,
        greatest(subscriptions.opened_on, feed.start_date) as event_date
    from {{ ref('dim_subscription') }} as subscriptions
    cross join feed
    where subscriptions.is_current and subscriptions.opened_on is not null

),

activity as (

    select
        'ANY' as use_kind_code,
        subscription_id,
        event_date
    from days
    union all
    select
        'OWN' as use_kind_code,
        subscription_id,
        event_date
    from days
    where is_communicating
    union all
    select
        'ANY' as use_kind_code,
        subscription_id,
        event_date
    from openings
    union all
    select
        'OWN' as use_kind_code,
        subscription_id,
        event_date
    from openings

),

gaps as (

    select
        use_kind_code,
        subscription_id,
        event_date as last_used_on,
        lead(event_date) over (
            partition by use_kind_code, subscription_id order by event_date
        ) as next_used_on
    from activity

),

silent_rule as (

    select
        cast(parameter_value as int) as silent_days,
        valid_from,
        valid_to
    from {{ ref('parameters') }}
    where parameter_code = 'silent_days'

),

periods as (

    select
        gaps.*,
        silent_rule.silent_days,
        {{ add_days('gaps.last_used_on', 'silent_rule.silent_days') }} as silent_from
    from gaps
    inner join silent_rule on {{ valid_on('silent_rule', 'gaps.last_used_on') }}

)

select
    -- keys
    periods.subscription_id,
    periods.use_kind_code,

    -- attributes
    periods.next_used_on is null as is_open,

    -- measures
    periods.silent_days,

    -- times
    periods.last_used_on,
    periods.silent_from,
    coalesce(periods.next_used_on, cast('9999-12-31' as date)) as silent_to
from periods
cross join feed
where
    periods.silent_from < coalesce(periods.next_used_on, cast('9999-12-31' as date))
    and periods.silent_from <= feed.end_date
