-- One row per city, days and billing month: K26 collection rate 回收率: paid on the bills of the cycle within 30, 60 and
-- 90 days of their issue over what they owed; bills that are not that old yet are left out.
with bills as (
    {%- for days in [30, 60, 90] %}
    select
        facts.bill_id,
        facts.billing_month,
        facts.org_key,
        facts.owed_amt,
        'D{{ days }}' as breakdown_code,
        {{ add_days('facts.issued_on', days) }} as until_date
    from {{ ref('fct_bill') }} as facts
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

collected as (
    select
        bills.bill_id,
        bills.breakdown_code,
        -sum(entries.entry_amt) as collected_amt
    from bills
    inner join {{ ref('int_bill_entry') }} as entries on bills.bill_id = entries.bill_id
        and bills.until_date >= entries.entry_date
    where entries.entry_kind_code in ('paid', 'drawn')
    group by bills.bill_id, bills.breakdown_code
)

select
    'K26' as kpi_id,
    'month' as period_type,
    bills.billing_month as period_start,
    orgs.org_id,
    bills.breakdown_code,
    cast(sum(coalesce(collected.collected_amt, 0)) as decimal(38, 6)) as numerator,
    cast(sum(bills.owed_amt) as decimal(38, 6)) as denominator
from bills
inner join {{ ref('ops_feed') }} as feeds on feeds.contract_id = 'billing__payment'
    and bills.until_date <= feeds.last_file_date
left join collected on bills.bill_id = collected.bill_id and bills.breakdown_code = collected.breakdown_code
left join {{ ref('dim_org') }} as orgs on bills.org_key = orgs.org_key
group by bills.billing_month, orgs.org_id, bills.breakdown_code
