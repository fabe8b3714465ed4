-- One row per city and billing month: K23 arrears rate 欠费率: owed after the arrears days over what was billed,
-- tax included in both; bills whose arrears days have not passed are left out.
select
    'K23' as kpi_id,
    'month' as period_type,
    facts.billing_month as period_start,
    orgs.org_id,
    cast(sum(greatest(facts.arrears_amt, 0)) as decimal(38, 6)) as numerator,
    cast(sum(facts.owed_amt) as decimal(38, 6)) as denominator
from {{ ref('fct_bill') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.arrears_amt is not null
group by facts.billing_month, orgs.org_id
