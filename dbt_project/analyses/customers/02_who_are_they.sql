-- Question: Of what kind are the customers: type, service, tenure? 用户构成：客户类型、业务、在网时长
select
    coalesce(types.name_en, 'Unknown') as customer_type,
    services.service_name_en as service,
    bands.band_name_en as tenure_band,
    count(*) as subscriptions,
    round(100.0 * count(*) / sum(count(*)) over (), 2) as share_pct
from customers.fct_subscription_month as months
inner join dim.dim_customer as customers on months.customer_key = customers.customer_key
left join reference.customer_types as types on customers.customer_type_code = types.customer_type_code
inner join dim.dim_service as services on months.service_key = services.service_key
inner join dim.dim_profile_band as bands on months.tenure_band_key = bands.profile_band_key
where months.is_counted and months.month_start_date = (select max(month_start_date) from customers.fct_subscription_month)
group by all
order by subscriptions desc, customer_type, service, tenure_band
