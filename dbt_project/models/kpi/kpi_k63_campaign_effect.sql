-- One row per unit, month of the waves and figure: K63 campaign effect 营销活动效果: RESPONSE responded over contacted,
-- CONVERSION ordered over target group, UPLIFT conversion of the target group less that of the control group, ROI margin
-- of the orders beyond those of the control group's rate, less cost, over cost.
with waves as (
    {{ at_every_level(ref('fct_campaign_wave'), [
        'campaign_id', 'wave_number', 'wave_month', 'target_count', 'control_count', 'contacted_count',
        'responded_count', 'ordered_count', 'control_ordered_count', 'order_margin_amt', 'cost_amt',
    ]) }}
),

summed as (
    select
        wave_month, org_id, campaign_id, wave_number,  -- noqa: LT09
        sum(responded_count) as responded,
        sum(contacted_count) as contacted,
        sum(ordered_count) as ordered,
        sum(target_count) as target,
        sum(control_ordered_count) as control_ordered,
        sum(control_count) as control,
        max(order_margin_amt) as margin,
        sum(cost_amt) as cost
    from waves
    where wave_month is not null
    group by wave_month, org_id, campaign_id, wave_number
)

{% for code, numerator, denominator in [
    ('RESPONSE', 'sum(responded)', 'sum(contacted)'), ('CONVERSION', 'sum(ordered)', 'sum(target)'),
    ('UPLIFT', 'sum(ordered) * sum(control) - sum(control_ordered) * sum(target)', 'sum(target) * sum(control)'),
    ('ROI', 'sum(round((ordered - cast(control_ordered * target as double) / nullif(control, 0)) * margin, 2) - cost)',
        'sum(case when control > 0 then cost end)'),
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
