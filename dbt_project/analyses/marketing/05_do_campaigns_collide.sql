-- Question: Which campaigns collide: who was contacted by both within 30 days? 哪些营销活动相互冲突（30天内重复接触同一用户）？
select
    earlier.campaign_id as first_campaign_id,
    later.campaign_id as second_campaign_id,
    count(distinct later.subscription_id) as subscription_count
from marketing.fct_campaign_event as earlier
inner join marketing.fct_campaign_event as later
    on earlier.subscription_id = later.subscription_id
    and earlier.campaign_id < later.campaign_id
    and abs(later.event_date - earlier.event_date) < 30
where earlier.event_code = 'CONTACTED' and later.event_code = 'CONTACTED'
group by earlier.campaign_id, later.campaign_id
order by subscription_count desc, first_campaign_id, second_campaign_id;
