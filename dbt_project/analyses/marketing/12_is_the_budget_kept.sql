-- Question: Is the budget kept, and when was it changed? 预算是否超支、何时调整过？
with budgets as (
    select
        campaign_id,
        min(budget_amt) as first_budget_amt,
        max(case when is_current then budget_amt end) as budget_amt,
        count(distinct budget_amt) - 1 as change_count
    from dim.dim_campaign
    where campaign_id <> '?'
    group by campaign_id
),

costs as (
    select
        campaign_id,
        sum(cost_amt) as cost_amt,
        sum(case when cost_item_code = 'CONTACT' then cost_amt end) as contact_cost_amt
    from marketing.fct_campaign_cost
    group by campaign_id
)

select
    budgets.campaign_id,
    budgets.first_budget_amt,
    budgets.budget_amt,
    budgets.change_count,
    costs.cost_amt,
    costs.contact_cost_amt,
    round(costs.cost_amt / nullif(budgets.budget_amt, 0), 3) as budget_use
from budgets
left join costs on budgets.campaign_id = costs.campaign_id
order by budget_use desc nulls last, budgets.campaign_id;
