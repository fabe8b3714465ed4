-- Question: How many of those who came in a month are still reached and communicating after one and two months? 新增用户的留存
with cohorts as (
    select subscription_id, date_trunc('month', event_date) as cohort
    from customers.fct_subscription_event
    where is_new
)
select
    cohorts.cohort,
    count(distinct cohorts.subscription_id) as came,
    count(distinct months.subscription_id) filter (
        where months.month_start_date = cohorts.cohort + interval 1 month and months.is_counted) as after_one_month,
    count(distinct months.subscription_id) filter (
        where months.month_start_date = cohorts.cohort + interval 2 month and months.is_counted) as after_two_months,
    count(distinct months.subscription_id) filter (
        where stages.month_start_date = cohorts.cohort + interval 1 month
            and stages.active_day_count > 0) as used_in_the_month_after
from cohorts
left join customers.fct_subscription_month as months on cohorts.subscription_id = months.subscription_id
left join customers.fct_subscription_stage_month as stages on months.subscription_id = stages.subscription_id
    and months.month_start_date = stages.month_start_date
group by all
order by cohorts.cohort
