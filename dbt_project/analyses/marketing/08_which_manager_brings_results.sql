-- Question: What do the campaigns of each marketing manager bring? 各营销经理负责的活动成效如何？
select
    staff.staff_id,
    staff.org_id,
    count(distinct facts.campaign_id) as campaign_count,
    count(case when not facts.is_control then 1 end) as target_count,
    count(case when facts.is_ordered and not facts.is_control then 1 end) as order_count,
    round(count(case when facts.is_ordered and not facts.is_control then 1 end) * 1.0
        / nullif(count(case when not facts.is_control then 1 end), 0), 4) as conversion
from marketing.fct_campaign_contact as facts
inner join dim.dim_staff as staff on facts.owner_staff_key = staff.staff_key
group by staff.staff_id, staff.org_id
order by conversion desc, staff.staff_id;
