-- One row per city, cause and day: K59 alarms per 1 000 elements 千网元告警数: alarms raised over the cells measured on
-- the day, by probable cause; a cause without an alarm on the day has no row.
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
)

select
    'K59' as kpi_id,
    'day' as period_type,
    causes.raised_date as period_start,
    orgs.org_id,
    causes.probable_cause_code as breakdown_code,
    cast(sum(causes.alarm_count) as decimal(38, 6)) as numerator,
    cast(sum(elements.element_count) as decimal(38, 6)) as denominator
from causes
left join elements on causes.raised_date = elements.measured_date and causes.org_key = elements.org_key
left join {{ ref('dim_org') }} as orgs on causes.org_key = orgs.org_key
group by causes.raised_date, orgs.org_id, causes.probable_cause_code
