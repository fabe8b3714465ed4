-- Question: What do groups pay for their members, and where does the billing statement differ? 集团付费、成员付费与对照差异
select
    revenue.billing_month,
    revenue.group_id,
    groups.tie_type_code,
    sum(revenue.own_amt) filter (revenue.payer_code = 'GROUP') as group_paid_amt,
    sum(revenue.own_amt) filter (revenue.payer_code = 'MEMBER') as member_paid_amt,
    sum(revenue.difference_amt) as difference_amt
from key_accounts.fct_group_revenue_month as revenue
inner join dim.dim_group as groups on revenue.group_key = groups.group_key
group by all
order by abs(sum(revenue.difference_amt)) desc, revenue.billing_month, revenue.group_id
