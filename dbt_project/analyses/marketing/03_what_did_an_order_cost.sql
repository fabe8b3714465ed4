-- Question: What did an order and a kept order cost, and did the campaign pay? 单位获取成本、单位保有成本与投资回报是多少？
with waves as (
    select
        campaign_id,
        wave_number,
        sum(cost_amt) as cost_amt,
        sum(ordered_count) as ordered,
        sum(kept_count) as kept,
        sum(undecided_count) as undecided,
        sum(ordered_count) - sum(control_ordered_count) * 1.0 * sum(target_count) / nullif(sum(control_count), 0) as gained,
        max(order_margin_amt) as order_margin_amt
    from marketing.fct_campaign_wave
    group by campaign_id, wave_number
)

select
    campaign_id,
    sum(cost_amt) as cost_amt,
    round(sum(cost_amt) / nullif(sum(ordered), 0), 2) as cost_per_order_amt,
    round(sum(case when undecided = 0 then cost_amt end)
        / nullif(sum(case when undecided = 0 then kept end), 0), 2) as cost_per_kept_amt,
    round(sum(gained), 1) as orders_gained,
    round((sum(gained * order_margin_amt) - sum(cost_amt)) / nullif(sum(cost_amt), 0), 2) as return_on_investment
from waves
group by campaign_id
order by return_on_investment desc;
