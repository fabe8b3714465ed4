-- One row per report, reporting cycle and province that hands it in: when the cycle opens and closes, when the report
-- is due, and the version in force, the last one that headquarters accepted; and the unknown member.
with submissions as (

    select
        *,
        {{ repeats_record(['submission_id']) }} as is_copy
    from {{ ref('stg_crm__report_submission') }}

),

kept as (

    select * from submissions
    where not is_copy

),

accepted as (

    select
        *,
        row_number() over (
            partition by report_code, cycle_code, org_id
            order by submitted_at desc, version_number desc, submission_id
        ) as newest_number
    from kept
    where status_code = 'ACCEPTED'

),

handed_in as (

    select
        report_code,
        cycle_code,
        org_id,
        count(*) as submission_count
    from kept
    group by report_code, cycle_code, org_id

),

every_cycle as (

    select cycle_code from kept
    union all
    select cycle_code from {{ ref('stg_crm__top_customer_list') }}

),

cycles as (

    select distinct
        cycle_code,
        cast(concat(substr(cycle_code, 1, 4), '-', substr(cycle_code, 5, 2), '-01') as date) as cycle_month
    from every_cycle

),

reports as (

    select * from {{ ref('report_definitions') }}

),

provinces as (

    select org_id from {{ ref('dim_org') }}
    where is_current and org_level_code = 'PROVINCE'

),

dated as (

    select
        reports.report_code,
        reports.name_en as report_name_en,
        reports.name_zh as report_name_zh,
        reports.reporting_frequency_code,
        reports.unit_level_code,
        cycles.cycle_code,
        provinces.org_id,
        cycles.cycle_month as opens_on,
        {{ add_days(add_months('cycles.cycle_month', 1), -1) }} as closes_on,
        {{ add_days(add_days(add_months('cycles.cycle_month', 1), -1), 'reports.due_days') }} as due_on
    from reports
    cross join cycles
    cross join provinces

)

select
    -- keys
    {{ surrogate_key(['dated.report_code', 'dated.cycle_code', 'dated.org_id']) }} as report_cycle_key,
    dated.report_code,
    dated.cycle_code,
    dated.org_id,
    accepted.submission_id,

    -- attributes
    dated.report_name_en,
    dated.report_name_zh,
    dated.reporting_frequency_code,
    dated.unit_level_code,
    case
        when accepted.submission_id is not null then 'ACCEPTED'
        when handed_in.submission_count > 0 then 'RETURNED'
        else 'OPEN'
    end as status_code,
    cast(accepted.submitted_at_local as date) > dated.due_on as is_late,
    cast(accepted.version_number as int) as version_number,
    cast(coalesce(handed_in.submission_count, 0) as bigint) as submission_count,

    -- times
    dated.opens_on,
    dated.closes_on,
    dated.due_on,
    accepted.submitted_at,
    accepted.submitted_at_local
from dated
left join accepted on dated.report_code = accepted.report_code and dated.cycle_code = accepted.cycle_code
    and dated.org_id = accepted.org_id and accepted.newest_number = 1
left join handed_in on dated.report_code = handed_in.report_code and dated.cycle_code = handed_in.cycle_code
    and dated.org_id = handed_in.org_id

union all

select
    {{ unknown_key() }} as report_cycle_key,
    '?' as report_code,
    '?' as cycle_code,
    '?' as org_id,
    cast(null as string) as submission_id,
    '未知 Unknown' as report_name_en,
    '未知 Unknown' as report_name_zh,
    '?' as reporting_frequency_code,
    '?' as unit_level_code,
    '?' as status_code,
    cast(null as boolean) as is_late,
    cast(null as int) as version_number,
    cast(0 as bigint) as submission_count,
    cast(null as date) as opens_on,
    cast(null as date) as closes_on,
    cast(null as date) as due_on,
    cast(null as timestamp) as submitted_at,
    cast(null as timestamp) as submitted_at_local
