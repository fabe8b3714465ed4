-- Question: What does each channel cost, bring and keep? Channels without a cost feed show no cost, not zero. 各渠道的成本、发展量与质量？
with costs as (
    select
        channels.channel_type_code,
        sum(commissions.commission_amt) as commission_amt
    from partners.fct_dealer_commission as commissions
    inner join dim.dim_channel as channels on commissions.channel_key = channels.channel_key
    group by channels.channel_type_code
)

select
    channels.channel_type_code,
    channels.channel_type_name_zh,
    count(*) as new_count,
    count(*) filter (where not facts.is_reentry) as really_new_count,
    round(avg(case when facts.is_kept then 1.0 when not facts.is_kept then 0 end), 3) as kept_share,
    round(avg(case when facts.is_zero_use then 1.0 when not facts.is_zero_use then 0 end), 3) as zero_use_share,
    max(costs.commission_amt) as cost_amt,
    round(max(costs.commission_amt) / nullif(count(*) filter (where not facts.is_reentry), 0), 2) as cost_per_new_amt
from marketing.fct_new_subscription as facts
inner join dim.dim_channel as channels on facts.entry_channel_key = channels.channel_key
left join costs on channels.channel_type_code = costs.channel_type_code
group by channels.channel_type_code, channels.channel_type_name_zh
order by new_count desc, channels.channel_type_code
