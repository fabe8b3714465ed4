-- One row per city and billing month: K29 billing error rate 帐单差错率: bills credited for a billing error over bills.
with wrong_bills as (
    select distinct bill_id from {{ ref('fct_adjustment') }}
    where reason_code = 'BILLING_ERROR'
)

select
    'K29' as kpi_id,
    'month' as period_type,
    facts.billing_month as period_start,
    orgs.org_id,
    cast(count(wrong_bills.bill_id) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_bill') }} as facts
left join wrong_bills on facts.bill_id = wrong_bills.bill_id
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
group by facts.billing_month, orgs.org_id
