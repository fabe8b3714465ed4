-- Question: How many contacts go beyond the limit, month by month and channel by channel? 各月各渠道超频接触占比是多少？
select
    date_trunc('month', event_date) as contact_month,
    contact_channel_code,
    count(*) as contact_count,
    count(case when is_beyond_limit then 1 end) as beyond_limit_count,
    round(count(case when is_beyond_limit then 1 end) * 1.0 / count(*), 4) as beyond_limit_share,
    max(recent_contact_count) as most_contacts_in_30_days
from marketing.fct_campaign_event
where event_code = 'CONTACTED'
group by 1, contact_channel_code
order by 1, contact_channel_code;
