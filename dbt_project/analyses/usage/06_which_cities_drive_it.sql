-- Question: Which cities talk and surf most, per subscription? 各地市户均使用量
select
    orgs.org_name,
    minutes.period_start as month,
    round(minutes.kpi_value, 1) as minutes_per_subscription,
    round(volumes.kpi_value, 1) as mb_per_data_user,
    round(100 * minutes.previous_change_share, 1) as minutes_change_pct
from kpi.fct_kpi_month as minutes
inner join kpi.fct_kpi_month as volumes on volumes.kpi_id = 'K16' and minutes.org_id = volumes.org_id
    and minutes.period_start = volumes.period_start and minutes.org_level_code = volumes.org_level_code
    and volumes.is_in_force
inner join dim.dim_org as orgs on minutes.org_key = orgs.org_key
where minutes.kpi_id = 'K15' and minutes.org_level_code = 'CITY' and minutes.is_in_force
order by month desc, minutes_per_subscription desc, orgs.org_name
