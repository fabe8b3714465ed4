-- Question: How many subscriptions does each province have, as the organisation was and as it is? 各省用户数：按当时组织与按现行组织
with month_ends as (
    select flows.org_id, flows.snapshot_date, sum(flows.reached_count) as reached_count
    from customers.fct_subscription_flow_day as flows
    inner join dim.dim_date as dates on flows.snapshot_date = dates.calendar_date and dates.is_month_end
    group by all
)
select
    provinces.org_name as province,
    month_ends.snapshot_date,
    sum(case when orgs.province_id = provinces.org_id then month_ends.reached_count end) as as_it_was,
    sum(case when orgs.current_province_id = provinces.org_id then month_ends.reached_count end) as as_it_is
from month_ends
inner join dim.dim_org as orgs on month_ends.org_id = orgs.org_id
    and month_ends.snapshot_date >= orgs.valid_from and month_ends.snapshot_date < orgs.valid_to
inner join dim.dim_org as provinces on provinces.org_level_code = 'PROVINCE' and provinces.is_current
    and (orgs.province_id = provinces.org_id or orgs.current_province_id = provinces.org_id)
group by all
order by province, month_ends.snapshot_date
