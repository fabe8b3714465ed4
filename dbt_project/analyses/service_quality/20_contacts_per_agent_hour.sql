-- Question: How many contacts does an hour of an agent carry, and how does handle time move from month to month? 每坐席小时处理量及处理时长的逐月变化？
with months as (
    select
        date_trunc('month', interval_date) as month,
        count(distinct staff_id) as agent_count,
        sum(handled_count) as handled_count,
        sum(login_s) as login_s,
        sum(talk_s + hold_s + wrap_s) as handle_s
    from service_quality.fct_agent_interval
    group by all
)

select
    *,
    round(3600.0 * handled_count / nullif(login_s, 0), 2) as contacts_per_agent_hour,
    round(1.0 * handle_s / nullif(handled_count, 0), 1) as handle_time_s,
    round(
        (1.0 * handle_s / nullif(handled_count, 0))
        / nullif(lag(1.0 * handle_s / nullif(handled_count, 0)) over (order by month), 0) - 1, 4
    ) as handle_time_change
from months
order by month
