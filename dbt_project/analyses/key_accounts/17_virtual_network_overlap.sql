-- Question: Who is in two virtual networks at once? 谁同时属于两个虚拟网？
select
    customer_id,
    count(*) as network_count,
    string_agg(group_id, ', ' order by group_id) as group_ids,
    min(valid_from) as first_from
from dim.bridge_group_member
where is_virtual_net_overlap
group by customer_id
order by network_count desc, customer_id
