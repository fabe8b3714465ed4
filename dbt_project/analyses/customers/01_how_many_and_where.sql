-- Question: How many subscriptions do we have, where, and what moved them this month? 我们有多少用户，分布在哪里，本月如何变化？
select
    orgs.org_name,
    flows.org_level_code,
    strftime(flows.snapshot_date, '%Y-%m') as month,
    sum(flows.new_count) as new_count,
    sum(flows.left_count) as left_count,
    sum(flows.reassigned_in_count - flows.reassigned_out_count) as reassigned_count,
    max_by(flows.reached_count, flows.snapshot_date) as reached_count
from customers.fct_org_flow_day as flows
inner join dim.dim_org as orgs on flows.org_key = orgs.org_key
group by all
order by month desc, org_level_code desc, reached_count desc, orgs.org_name
