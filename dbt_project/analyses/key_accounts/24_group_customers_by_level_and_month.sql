-- Question: How do group customers develop at headquarters, in each province and each city, month by month? 集团客户分级、分月、分地域情况？
select
    months.month_start_date,
    orgs.hq_id,
    orgs.province_id,
    orgs.city_id,
    case when orgs.city_id is not null then 'CITY' when orgs.province_id is not null then 'PROVINCE' else 'HQ' end
        as org_level_code,
    count(*) as customer_count,
    sum(months.net_amt) as net_amt,
    sum(months.group_paid_amt) as group_paid_amt,
    sum(months.arrears_amt) as arrears_amt,
    sum(months.ticket_count) as ticket_count
from key_accounts.fct_large_customer_month as months
inner join dim.dim_org as orgs on months.org_key = orgs.org_key
where months.is_group
group by grouping sets (
    (months.month_start_date, orgs.hq_id, orgs.province_id, orgs.city_id),
    (months.month_start_date, orgs.hq_id, orgs.province_id),
    (months.month_start_date, orgs.hq_id)
)
order by months.month_start_date, orgs.province_id nulls first, orgs.city_id nulls first
