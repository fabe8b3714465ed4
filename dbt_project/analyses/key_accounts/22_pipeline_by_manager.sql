-- Question: What is in the pipeline of each sales manager? 各销售经理的商机储备？
select
    staff.staff_id,
    orgs.org_name,
    count(*) as opportunity_count,
    count(*) filter (where facts.is_open) as open_count,
    sum(facts.value_amt) filter (where facts.is_open) as open_amt,
    sum(facts.weighted_value_amt) filter (where facts.is_open) as weighted_amt,
    count(*) filter (where facts.is_won) as won_count,
    count(*) filter (where facts.is_lost) as lost_count
from key_accounts.fct_opportunity as facts
inner join dim.dim_staff as staff on facts.staff_key = staff.staff_key
left join dim.dim_org as orgs on staff.org_id = orgs.org_id and orgs.is_current
group by staff.staff_id, orgs.org_name
order by open_amt desc nulls last, staff.staff_id
