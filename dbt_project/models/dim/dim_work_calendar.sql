-- One row per calendar day: its working seconds, and those of all days before it. The difference of two readings of
-- this clock is the working time between two moments, nights, weekends and holidays left out, make-up days included.
with days as (

    select
        dates.calendar_date,
        dates.is_workday,
        cast(3600 * begins.parameter_value as bigint) as begins_s,
        cast(3600 * (ends.parameter_value - begins.parameter_value) as bigint) as workday_s
    from {{ ref('dim_date') }} as dates
    inner join {{ ref('parameters') }} as begins
        on begins.parameter_code = 'workday_begin_h' and {{ valid_on('begins', 'dates.calendar_date') }}
    inner join {{ ref('parameters') }} as ends
        on ends.parameter_code = 'workday_end_h' and {{ valid_on('ends', 'dates.calendar_date') }}

),

worked as (

    select
        *,
        case when is_workday then workday_s else 0 end as work_s
    from days

)

select
    -- keys
    calendar_date,

    -- attributes
    is_workday,

    -- measures
    begins_s,
    workday_s,
    cast(work_s as bigint) as work_s,
    cast(
        coalesce(sum(work_s) over (
            order by calendar_date rows between unbounded preceding and 1 preceding
        ), 0) as bigint
    ) as worked_before_s
from worked
