-- One row per number of another mobile or fixed network and month in which our records show it. A month is counted
-- again in full when a file from the window on holds, or once held, one of its records.
with touched_months as (

    {{ touched_dates('seen_month', ref('fct_usage_event'), month_of('event_date'), 'file_date') }}

),

first_month as (

    select min(seen_month) as seen_month from touched_months

),

rivals as (

    select * from {{ ref('dim_operator') }}
    where not is_own and operator_type_code in ('mobile', 'fixed')

),

events as (

    select
        events.counterpart_token,
        events.counterpart_operator_code,
        events.counterpart_operator_key,
        events.org_key,
        events.subscription_id,
        events.duration_s,
        events.billed_minutes,
        events.event_date,
        events.file_date,
        touched_months.seen_month,
        row_number() over (
            partition by events.counterpart_token, events.counterpart_operator_code, touched_months.seen_month
            order by events.started_at, events.usage_event_key
        ) as event_number
    from {{ ref('fct_usage_event') }} as events
    cross join first_month
    inner join rivals on events.counterpart_operator_code = rivals.operator_code
    inner join touched_months on {{ month_of('events.event_date') }} = touched_months.seen_month
    where events.event_date >= first_month.seen_month and events.counterpart_token is not null

)

select
    -- keys
    counterpart_token,
    counterpart_operator_code,
    counterpart_operator_key,
    max(case when event_number = 1 then org_key end) as first_org_key,

    -- measures
    count(*) as record_count,
    count(distinct subscription_id) as own_subscription_count,
    cast(sum(duration_s) as bigint) as duration_s,
    cast(sum(billed_minutes) as bigint) as billed_minutes,

    -- times and lineage
    min(event_date) as first_seen_date,
    max(event_date) as last_seen_date,
    max(file_date) as last_file_date,
    seen_month
from events
group by counterpart_token, counterpart_operator_code, counterpart_operator_key, seen_month
