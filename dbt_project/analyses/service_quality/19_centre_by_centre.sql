-- Question: How do the contact centres compare, one by one and in total, by one formula? 各服务中心与合计的接通率和首次解决率比较？
with levels as (
    select
        centres.centre_code,
        sum(intervals.offered_count) as offered_count,
        sum(intervals.answered_in_limit_count) as in_limit_count
    from service_quality.fct_queue_interval as intervals
    inner join dim.dim_contact_centre as centres on intervals.contact_centre_key = centres.contact_centre_key
    group by rollup (centres.centre_code)
),

issues as (
    select
        centres.centre_code,
        count(*) as issue_count,
        count(*) filter (where facts.is_solved_at_first_contact) as solved_first_count
    from service_quality.fct_contact_issue as facts
    inner join service_quality.fct_contact as contacts on facts.first_contact_id = contacts.contact_id
    inner join dim.dim_contact_centre as centres on contacts.contact_centre_key = centres.contact_centre_key
    where facts.is_served and facts.is_final
    group by rollup (centres.centre_code)
)

select
    coalesce(levels.centre_code, 'ALL') as centre_code,
    levels.offered_count,
    levels.in_limit_count,
    round(100.0 * levels.in_limit_count / nullif(levels.offered_count, 0), 1) as service_level_pct,
    issues.issue_count,
    issues.solved_first_count,
    round(100.0 * issues.solved_first_count / nullif(issues.issue_count, 0), 1) as solved_first_pct
from levels
left join issues on coalesce(levels.centre_code, 'ALL') = coalesce(issues.centre_code, 'ALL')
order by centre_code
