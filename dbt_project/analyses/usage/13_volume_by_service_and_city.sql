-- Question: How does volume move by service and city, against last month and last year? 各业务、各地市使用量的环比和同比？
with months as (
    select
        usages.month_start_date as month,
        types.usage_class_code,
        orgs.city_id,
        sum(usages.record_count) as record_count,
        sum(usages.billed_minutes) as billed_minutes,
        sum(usages.up_bytes + usages.down_bytes) as volume_bytes
    from usage.fct_usage_month as usages
    inner join dim.dim_usage_type as types on usages.usage_type_key = types.usage_type_key
    inner join dim.dim_org as orgs on usages.org_key = orgs.org_key
    group by all
)

select
    months.*,
    round(1.0 * months.record_count / nullif(before.record_count, 0) - 1, 4) as records_on_last_month,
    round(1.0 * months.record_count / nullif(year_ago.record_count, 0) - 1, 4) as records_on_last_year
from months
left join months as before on months.usage_class_code = before.usage_class_code and months.city_id = before.city_id
    and months.month = before.month + interval 1 month
left join months as year_ago on months.usage_class_code = year_ago.usage_class_code
    and months.city_id = year_ago.city_id and months.month = year_ago.month + interval 1 year
order by months.month, months.usage_class_code, months.city_id
