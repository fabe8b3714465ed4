-- One row per city, bucket and month: K24 arrears ageing 欠费帐龄: owed past the due date at the end of the month, by days
-- past due.
select
    'K24' as kpi_id,
    'month' as period_type,
    {{ month_of('facts.month_end') }} as period_start,
    orgs.org_id,
    facts.ageing_bucket_code as breakdown_code,
    cast(sum(facts.arrears_amt) as decimal(38, 6)) as numerator,
    cast(null as decimal(38, 6)) as denominator
from {{ ref('fct_arrears_snapshot') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.is_past_due
group by {{ month_of('facts.month_end') }}, orgs.org_id, facts.ageing_bucket_code
