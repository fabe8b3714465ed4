-- Question: Which channel sells customers who stay, use and pay? 哪个渠道发展的用户留得住、用得多、交得起？
select
    channels.channel_type_code,
    channels.channel_type_name_zh,
    count(*) as new_count,
    round(avg(case when facts.is_kept then 1.0 when not facts.is_kept then 0 end), 3) as kept_share,
    round(avg(case when facts.is_reentry then 1.0 else 0 end), 3) as reentry_share,
    round(avg(case when facts.is_zero_use then 1.0 when not facts.is_zero_use then 0 end), 3) as zero_use_share,
    round(avg(facts.third_month_amt), 2) as third_month_amt
from marketing.fct_new_subscription as facts
inner join dim.dim_channel as channels on facts.entry_channel_key = channels.channel_key
group by channels.channel_type_code, channels.channel_type_name_zh
order by new_count desc, channels.channel_type_code;
