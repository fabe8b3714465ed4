-- Question: Which customers take which services? 各网龄段用户的增值业务订购率？
with holders as (

    select snapshot_month, subscription_id, count(*) as service_count
    from new_services.fct_service_relation_month
    where is_held
    group by snapshot_month, subscription_id

)

select
    months.month_start_date,
    bands.band_name_zh as tenure_band,
    count(*) as subscription_count,
    count(holders.subscription_id) as holder_count,
    round(100.0 * count(holders.subscription_id) / count(*), 2) as take_up_percent
from customers.fct_subscription_month as months
inner join dim.dim_profile_band as bands on months.tenure_band_key = bands.profile_band_key
left join holders on months.subscription_id = holders.subscription_id and months.month_start_date = holders.snapshot_month
where months.is_counted
group by all
order by months.month_start_date, tenure_band
