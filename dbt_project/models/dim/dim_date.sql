-- One row per calendar day. A date that is not known stays null in the facts: there is no unknown day.
with days as (

    {{ date_spine("cast('2020-01-01' as date)", "cast('2031-01-01' as date)") }}

),

holidays as (

    select * from {{ ref('holidays') }}

),

announced_years as (

    select distinct extract(year from calendar_date) as year_number
    from holidays
    where source_code = 'notice'

),

named as (

    select
        calendar_date,
        {{ month_of('calendar_date') }} as month_start_date,
        {{ iso_weekday('calendar_date') }} as weekday_number
    from days

)

select
    -- keys
    named.calendar_date,

    -- attributes
    cast(extract(year from named.calendar_date) as int) as year_number,
    cast(extract(quarter from named.calendar_date) as int) as quarter_number,
    cast(extract(month from named.calendar_date) as int) as month_number,
    cast(extract(day from named.calendar_date) as int) as day_of_month,
    named.month_start_date,
    {{ add_days(add_months('named.month_start_date', 1), -1) }} as month_end_date,
    {{ add_days('named.calendar_date', '1 - named.weekday_number') }} as week_start_date,
    named.calendar_date = {{ add_days(add_months('named.month_start_date', 1), -1) }} as is_month_end,
    named.weekday_number,
    case named.weekday_number
        when 1 then 'Monday' when 2 then 'Tuesday' when 3 then 'Wednesday' when 4 then 'Thursday'
        when 5 then 'Friday' when 6 then 'Saturday' when 7 then 'Sunday'
    end as weekday_name_en,
    case named.weekday_number
        when 1 then '星期一' when 2 then '星期二' when 3 then '星期三' when 4 then '星期四'
        when 5 then '星期五' when 6 then '星期六' when 7 then '星期日'
    end as weekday_name_zh,
    coalesce(holidays.day_kind_code = 'holiday', false) as is_holiday,
    coalesce(holidays.day_kind_code = 'workday', false) as is_makeup_workday,
    case
        when holidays.day_kind_code = 'holiday' then false
        when holidays.day_kind_code = 'workday' then true
        else named.weekday_number <= 5
    end as is_workday,
    case when holidays.day_kind_code = 'holiday' then holidays.name_en end as holiday_name_en,
    case when holidays.day_kind_code = 'holiday' then holidays.name_zh end as holiday_name_zh,
    announced_years.year_number is not null as is_calendar_announced
from named
left join holidays on named.calendar_date = holidays.calendar_date
left join announced_years on extract(year from named.calendar_date) = announced_years.year_number
