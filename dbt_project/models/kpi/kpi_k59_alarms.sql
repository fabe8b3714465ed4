-- One row per city, cause and day: K59 alarms per 1 000 elements 千网元告警数: alarms raised over the cells measured on
-- the day, by probable cause; a cause without an alarm anywhere on the day has no row.
with elements as (
    select
        measured_date,
        org_key,
        count(distinct cell_id) as element_count
    from {{ ref('fct_network_cell_hour') }}
    group by measured_date, org_key
),

causes as (
    select
        raised_date,
        org_key,
        probable_cause_code,
        count(*) as alarm_count
    from {{ ref('fct_alarm') }}
    group by raised_date, org_key, probable_cause_code
),

causes_of_the_day as (
    select distinct
        raised_date,
        probable_cause_code
    from causes
),

-- every city is part of the base of every cause of the day, whether it has such an alarm or not
parts as (
    select
        causes_of_the_day.raised_date,
        elements.org_key,
        causes_of_the_day.probable_cause_code,
        0 as alarm_count,
        elements.element_count
    from causes_of_the_day
    inner join elements on causes_of_the_day.raised_date = elements.measured_date
    union all
    select
        raised_date,
        org_key,
        probable_cause_code,
        alarm_count,
        0 as element_count
    from causes
)

select
    'K59' as kpi_id,
    'day' as period_type,
    parts.raised_date as period_start,
    orgs.org_id,
    parts.probable_cause_code as breakdown_code,
    cast(sum(parts.alarm_count) as decimal(38, 6)) as numerator,
    cast(nullif(sum(parts.element_count), 0) as decimal(38, 6)) as denominator
from parts
left join {{ ref('dim_org') }} as orgs on parts.org_key = orgs.org_key
group by parts.raised_date, orgs.org_id, parts.probable_cause_code
