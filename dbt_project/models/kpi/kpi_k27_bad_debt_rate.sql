-- One row per city and billing month: K27 bad-debt rate 坏账率: still owed `bad_debt_days` days after the due date over
-- what was billed, tax in both; bills whose days have not passed are left out.
with balances as (
    select
        facts.bill_id,
        facts.billing_month,
        facts.org_key,
        max(facts.owed_amt) as owed_amt,
        greatest(sum(entries.entry_amt), 0) as bad_amt
    from {{ ref('fct_bill') }} as facts
    inner join {{ ref('parameters') }} as limits on limits.parameter_code = 'bad_debt_days'
        and {{ valid_on('limits', 'facts.due_on') }}
    inner join {{ ref('ops_feed') }} as feeds on feeds.contract_id = 'billing__payment'
        and feeds.last_file_date >= {{ add_days('facts.due_on', 'limits.parameter_value') }}
    inner join {{ ref('int_bill_entry') }} as entries on facts.bill_id = entries.bill_id
        and entries.entry_date <= {{ add_days('facts.due_on', 'limits.parameter_value') }}
    group by facts.bill_id, facts.billing_month, facts.org_key
)

select
    'K27' as kpi_id,
    'month' as period_type,
    balances.billing_month as period_start,
    orgs.org_id,
    cast(sum(balances.bad_amt) as decimal(38, 6)) as numerator,
    cast(sum(balances.owed_amt) as decimal(38, 6)) as denominator
from balances
left join {{ ref('dim_org') }} as orgs on balances.org_key = orgs.org_key
group by balances.billing_month, orgs.org_id
