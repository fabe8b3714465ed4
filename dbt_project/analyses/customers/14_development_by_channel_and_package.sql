-- Question: What does each channel add, package by package and city by city, and what is only a change of number? 各渠道、各套餐、各地市的用户发展（剔除重入网）？
select
    date_trunc('month', months.month_start_date) as month,
    channels.channel_type_code,
    offers.offer_id,
    orgs.city_id,
    sum(months.new_count) as new_count,
    count(*) filter (where months.is_counted) as reached_count,
    sum(months.new_count + months.regained_count + months.corrected_in_count)
    - sum(months.left_count + months.corrected_out_count) as net_added_count,
    count(re_entries.subscription_id) filter (where months.new_count > 0) as re_entry_count,
    sum(months.new_count) - count(re_entries.subscription_id) filter (where months.new_count > 0) as really_new_count
from customers.fct_subscription_month as months
inner join dim.dim_channel as channels on months.entry_channel_key = channels.channel_key
inner join dim.dim_offer as offers on months.offer_key = offers.offer_key
inner join dim.dim_org as orgs on months.org_key = orgs.org_key
left join customers.fct_re_entry as re_entries on months.subscription_id = re_entries.subscription_id
    and date_trunc('month', re_entries.opened_on) = months.month_start_date
group by all
order by month, channels.channel_type_code, offers.offer_id, orgs.city_id
