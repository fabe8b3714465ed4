-- Question: For which customers did campaigns work best? 营销活动对哪些客户群最有效？
select
    customers.service_grade_code,
    case when subscriptions.network_generation_code = '5G' then '5G' else 'older' end as network_generation,
    count(case when not facts.is_control then 1 end) as target_count,
    count(case when facts.is_control then 1 end) as control_count,
    round(avg(case when not facts.is_control then case when facts.is_ordered then 1.0 else 0 end end), 4) as target_rate,
    round(avg(case when facts.is_control then case when facts.is_ordered then 1.0 else 0 end end), 4) as control_rate
from marketing.fct_campaign_contact as facts
inner join dim.dim_customer as customers on facts.customer_key = customers.customer_key
inner join dim.dim_subscription as subscriptions on facts.subscription_key = subscriptions.subscription_key
group by customers.service_grade_code, 2
order by target_count desc;
