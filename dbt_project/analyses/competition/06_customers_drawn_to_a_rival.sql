-- Question: Which of our subscriptions talk more and more to a rival's numbers? 哪些用户与竞争对手号码的通话越来越多？
with months as (
    select
        subscription_id,
        month_start_date as month,
        sum(billed_minutes) filter (where counterpart_operator_code in ('RV1', 'RV2')) as rival_minutes,
        sum(billed_minutes) as minutes
    from usage.fct_usage_month
    where not is_excluded
    group by all
    having sum(billed_minutes) >= 30
),

steps as (
    select
        *,
        rival_minutes / minutes as rival_share,
        lag(rival_minutes / minutes) over (partition by subscription_id order by month) as last_share
    from months
)

select
    subscription_id,
    month,
    minutes,
    round(last_share, 3) as last_share,
    round(rival_share, 3) as rival_share,
    round(rival_share - last_share, 3) as rise
from steps
where last_share is not null
order by rise desc, subscription_id
limit 20
