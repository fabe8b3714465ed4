-- One row per subscription and month of use: with how many numbers it had calls or messages. A month is counted again
-- in full when a file from the window on holds, or once held, one of its records.
with touched_months as (

    {{ touched_dates('event_month', ref('fct_usage_event'), month_of('event_date'), 'file_date') }}

),

touched_dates as (

    select
        calendar_date,
        month_start_date as event_month
    from {{ ref('dim_date') }}
    where month_start_date in (select touched_months.event_month from touched_months)

)

select
    -- keys
    events.subscription_id,

    -- measures
    count(distinct events.counterpart_token) as circle_count,

    -- times and lineage
    max(events.file_date) as last_file_date,
    touched_dates.event_month
from {{ ref('fct_usage_event') }} as events
inner join touched_dates on events.event_date = touched_dates.calendar_date
where events.counterpart_token is not null
group by events.subscription_id, touched_dates.event_month
