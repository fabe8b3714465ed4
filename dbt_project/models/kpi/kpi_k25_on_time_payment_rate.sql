-- One row per city, measure and billing month: K25 on-time payment rate 按期缴费率: bills paid in full by their due date
-- over bills due (BILLS), and what was settled of them by then over what they owed (AMOUNT).
with bills as (
    select
        facts.*,
        orgs.org_id
    from {{ ref('fct_bill') }} as facts
    inner join {{ ref('ops_feed') }} as feeds on feeds.contract_id = 'billing__payment'
        and facts.due_on <= feeds.last_file_date
    left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
),

parts as (
    select
        billing_month,
        org_id,
        'BILLS' as breakdown_code,
        case when is_paid_by_due then 1 else 0 end as met,
        1 as due
    from bills
    union all
    select
        billing_month,
        org_id,
        'AMOUNT' as breakdown_code,
        owed_amt - greatest(balance_at_due_amt, 0) as met,
        owed_amt as due
    from bills
)

select
    'K25' as kpi_id,
    'month' as period_type,
    billing_month as period_start,
    org_id,
    breakdown_code,
    cast(sum(met) as decimal(38, 6)) as numerator,
    cast(sum(due) as decimal(38, 6)) as denominator
from parts
group by billing_month, org_id, breakdown_code
