-- Question: What do holidays and make-up working days do to use, per day? 节假日与调休对使用量的影响
with days as (
    select
        event_date,
        sum(billed_minutes) as billed_minutes,
        sum(record_count) filter (where usage_type_code like 'SMS%') as messages,
        sum(up_bytes + down_bytes) as volume_bytes
    from usage.fct_usage_day
    group by event_date
)
select
    case
        when dates.is_makeup_workday then 'make-up working day'
        when dates.is_holiday then dates.holiday_name_en
        when dates.weekday_number >= 6 then 'weekend'
        else 'working day'
    end as kind_of_day,
    count(distinct dates.calendar_date) as days,
    round(sum(days.billed_minutes) / count(distinct dates.calendar_date)) as minutes_per_day,
    round(sum(days.messages) / count(distinct dates.calendar_date)) as messages_per_day,
    round(sum(days.volume_bytes) / 1073741824.0 / count(distinct dates.calendar_date), 1) as gb_per_day
from days
inner join dim.dim_date as dates on days.event_date = dates.calendar_date
group by all
order by minutes_per_day desc, kind_of_day
