-- Question: What do people complain about, where, per 10 000 subscriptions? 投诉集中在哪些原因、哪些地市（每万用户）？
with subscriptions as (

    select
        period_start,
        org_id,
        numerator as average_subscriptions
    from kpi.fct_kpi_month
    where kpi_id = 'K05' and org_level_code = 'CITY' and is_in_force

)

select
    strftime(tickets.opened_date, '%Y-%m') as opened_month,
    orgs.org_name,
    reasons.level2_name_zh as reason_zh,
    reasons.level2_name_en as reason_en,
    count(*) as complaint_count,
    round(10000.0 * count(*) / nullif(any_value(subscriptions.average_subscriptions), 0), 1) as per_10000
from service_quality.fct_ticket as tickets
inner join dim.dim_reason as reasons on tickets.reason_key = reasons.reason_key
inner join dim.dim_org as orgs on tickets.org_key = orgs.org_key
left join subscriptions
    on orgs.org_id = subscriptions.org_id and date_trunc('month', tickets.opened_date) = subscriptions.period_start
where tickets.ticket_type_code = 'complaint'
group by all
order by opened_month, complaint_count desc, orgs.org_name
