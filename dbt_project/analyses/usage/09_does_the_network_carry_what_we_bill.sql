-- Question: Does the network carry what we bill? 计费流量与网络流量是否一致？
select
    orgs.org_name,
    round(sum(control.billed_bytes) / 1073741824.0, 2) as billed_gb,
    round(sum(control.network_bytes) / 1073741824.0, 2) as network_gb,
    round(100.0 * sum(control.difference_bytes) / nullif(sum(control.network_bytes), 0), 3) as difference_pct,
    round(100.0 * sum(control.compared_hour_count) / sum(control.hour_count), 1) as compared_pct
from usage.fct_volume_control_day as control
inner join dim.dim_org as orgs on control.org_key = orgs.org_key
group by all
order by abs(difference_pct) desc, orgs.org_name
