-- One row per unit, month of the waves and figure: K63 campaign effect 营销活动效果: RESPONSE responded over
-- contacted, CONVERSION ordered over target group, UPLIFT conversion of the target group less that of the control
-- group, ROI margin of the orders beyond those of the control group's rate, less cost, over cost.
with waves as (
    {{ at_every_level(ref('fct_campaign_wave'), [
        'campaign_id', 'wave_number', 'wave_month', 'target_count', 'control_count', 'contacted_count',
        'responded_count', 'ordered_count', 'control_ordered_count', 'order_margin_amt', 'cost_amt',
    ]) }}
),

summed as (
    select
        wave_month,
        org_id,
        campaign_id,
        wave_number,
        sum(responded_count) as responded_sum,
        sum(contacted_count) as contacted_sum,
        sum(ordered_count) as ordered_sum,
        sum(target_count) as target_sum,
        sum(control_ordered_count) as control_ordered_sum,
        sum(control_count) as control_sum,
        max(order_margin_amt) as margin_sum,
        sum(cost_amt) as cost_sum
    from waves
    where wave_month is not null
    group by wave_month, org_id, campaign_id, wave_number
)

{% for code, numerator, denominator in [
    ('RESPONSE', 'sum(responded_sum)', 'sum(contacted_sum)'), ('CONVERSION', 'sum(ordered_sum)', 'sum(target_sum)'),
    ('UPLIFT', 'sum(ordered_sum) * sum(control_sum) - sum(control_ordered_sum) * sum(target_sum)',
        'sum(target_sum) * sum(control_sum)'),
    ('ROI', 'sum(round(margin_sum * (ordered_sum - cast(control_ordered_sum * target_sum as double)'
        ~ ' / nullif(control_sum, 0)), 2) - cost_sum)',
        'sum(case when control_sum > 0 then cost_sum end)'),
] -%}
select
    'K63' as kpi_id,
    'month' as period_type,
    wave_month as period_start,
    org_id,
    '{{ code }}' as breakdown_code,
    cast({{ numerator }} as decimal(38, 6)) as numerator,
    cast({{ denominator }} as decimal(38, 6)) as denominator
from summed
group by wave_month, org_id
{{ 'union all' if not loop.last }}
{% endfor %}
