-- Question: Through which channels do new subscriptions come, and how many of them are still here? 新增用户来自哪些渠道，还在网的有多少？
select
    channels.channel_type_code,
    count(*) as new_subscriptions,
    count(leavers.subscription_id) as left_since,
    count(re_entries.subscription_id) as re_entries,
    round(100.0 * (count(*) - count(leavers.subscription_id)) / count(*), 1) as kept_pct
from customers.fct_subscription_event as events
inner join dim.dim_channel as channels on events.entry_channel_key = channels.channel_key
left join customers.fct_leaver as leavers on events.subscription_id = leavers.subscription_id
    and leavers.left_on >= events.event_date
left join customers.fct_re_entry as re_entries on events.subscription_id = re_entries.subscription_id
where events.is_new
group by all
order by new_subscriptions desc, channels.channel_type_code
