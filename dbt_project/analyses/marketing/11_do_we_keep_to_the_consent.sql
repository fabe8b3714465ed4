-- Question: Whom did we contact without consent on that day? 是否接触了当日未授权营销的客户？
select
    campaign_id,
    contact_channel_code,
    count(*) as contact_count,
    count(case when not has_consent then 1 end) as without_consent_count
from marketing.fct_campaign_event
where event_code = 'CONTACTED'
group by campaign_id, contact_channel_code
order by without_consent_count desc, campaign_id;
