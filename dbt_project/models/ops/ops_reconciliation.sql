-- One row per reconciliation, subject, period and measure: what one layer says, what the next one says, and the
-- difference, which must be 0. The layers of a feed are compared per file date, models with each other per month.
{% set layers = [('ledger', 'lake'), ('lake', 'staging'), ('staging', 'fact'), ('event', 'day')] -%}
{% set models = [] -%}
{% if theme_is_on('revenue') -%}
{% for amount in ['gross_amt', 'discount_amt', 'net_amt', 'tax_amt'] -%}
{% do models.append(("'bill'", "'" ~ amount ~ "'",
    'bill', ref('fct_bill'), 'billing_month', amount, '1 = 1',
    'bill charge', ref('fct_bill_charge'), 'billing_month', amount, '1 = 1')) -%}
{% endfor -%}
{% do models.append(("'revenue'", "'net_amt'",
    'bill charge', ref('fct_bill_charge'), 'billing_month', 'net_amt', '1 = 1',
    'revenue month', ref('fct_revenue_month'), 'revenue_month', 'recognised_amt', '1 = 1')) -%}
{% do models.append(("'payment'", "'payment_amt'",
    'payment', ref('fct_payment'), 'cast(null as date)', 'payment_amt', "application_code = 'bill'",
    'bill', ref('fct_bill'), 'cast(null as date)', 'paid_amt', '1 = 1')) -%}
{% do models.append(("'arrears'", "'balance_amt'",
    'receivable flow', ref('fct_receivable_month'), 'receivable_month',
    'opening_amt + billed_amt - paid_amt - adjusted_amt', '1 = 1',
    'receivable stock', ref('fct_receivable_month'), 'receivable_month', 'closing_amt', '1 = 1')) -%}
{% do models.append(("'arrears'", "'arrears_amt'",
    'receivable stock', ref('fct_receivable_month'), 'receivable_month', 'closing_debt_amt', '1 = 1',
    'arrears snapshot', ref('fct_arrears_snapshot'), month_of('month_end'), 'arrears_amt', '1 = 1')) -%}
{% endif -%}
{% if theme_is_on('service_quality') -%}
{% do models.append(("'ticket'", "'open_count'",
    'ticket day', ref('fct_ticket_day'), 'cast(null as date)', 'opened_count - ended_count', '1 = 1',
    'ticket', ref('fct_ticket'), 'cast(null as date)', 'case when is_open then 1 else 0 end', '1 = 1')) -%}
{% endif -%}
{% if theme_is_on('competition') -%}
{% do models.append(("'interconnect'", "'fee_amt'",
    'traffic day', ref('fct_interconnect_day'), month_of('event_date'), 'fee_amt', '1 = 1',
    'settlement', ref('fct_interconnect_settlement'), 'settlement_month', 'fee_in_amt + fee_out_amt', '1 = 1')) -%}
{% do models.append(("'interconnect statement'", "'fee_amt'",
    'staging', ref('stg_billing__interconnect_settlement'), month_of('file_date'), 'fee_in_amt + fee_out_amt', '1 = 1',
    'settlement', ref('fct_interconnect_settlement'), 'settlement_month', 'stated_fee_in_amt + stated_fee_out_amt',
    '1 = 1')) -%}
{% endif -%}
{% if theme_is_on('new_services') -%}
{% do models.append(("'order relation'", "'open_count'",
    'relation day', ref('fct_service_relation_day'), 'cast(null as date)', 'ordered_count - ended_count', '1 = 1',
    'relation', ref('fct_service_order_relation'), 'cast(null as date)',
    'case when is_stock then 0 else 1 end - case when is_open then 0 else 1 end', '1 = 1')) -%}
{% do models.append(("'service fee'", "'fee_amt'",
    'service charge', ref('fct_service_charge'), 'charge_month', 'fee_amt', '1 = 1',
    'relation month', ref('fct_service_relation_month'), 'snapshot_month', 'fee_amt', '1 = 1')) -%}
{% do models.append(("'service fee'", "'billed_amt'",
    'bill charge', ref('fct_bill_charge'), 'billing_month', 'gross_amt', "charge_item_code = 'VAS'",
    'service billing', ref('fct_service_billing_month'), 'billing_month', 'due_amt - unbilled_amt + overbilled_amt',
    '1 = 1')) -%}
{% endif -%}
{% if theme_is_on('partners') -%}
{% do models.append(("'dealer commission'", "'commission_amt'",
    'commission', ref('fct_dealer_commission'), 'cast(null as date)', 'commission_amt', '1 = 1',
    'number', ref('fct_dealer_number'), 'cast(null as date)', 'commission_amt', '1 = 1')) -%}
{% for direction in ['in', 'out'] -%}
{% set delivered = "(select *, " ~ repeats_record(['sender_code', 'recipient_code', 'file_sequence', 'event_number'])
    ~ " as is_copy from " ~ ref('stg_billing__tap_' ~ direction) ~ ") as delivered" -%}
{% for measure, staged in [('event_count', '1'), ('charge_units', 'charge_units')] -%}
{% do models.append(("'roaming " ~ direction ~ "'", "'" ~ measure ~ "'",
    'staging', delivered, 'file_date', staged, 'not is_copy',
    'roaming charge', ref('fct_roaming_charge'), 'file_date', measure,
    "direction_code = '" ~ direction | upper ~ "'")) -%}
{% endfor -%}
{% endfor -%}
{% endif -%}
{% for below, above in [('CITY', 'PROVINCE'), ('PROVINCE', 'HQ')] -%}
{% for part in ['numerator', 'denominator'] -%}
{% do models.append(('kpi_id', "concat(period_type, ' " ~ part ~ "')",
    below, ref('kpi_org_period'), 'period_start', part, "rollup_code = 'sum' and org_level_code = '" ~ below ~ "'",
    above, ref('kpi_org_period'), 'period_start', part, "rollup_code = 'sum' and org_level_code = '" ~ above ~ "'")) -%}
{% endfor -%}
{% endfor %}

with layer_totals as (

    select
        layer_code,
        subject,
        measure,
        total,
        period_start
    from {{ ref('ops_layer_total') }}
    {%- if theme_is_on('usage') %}
    union all
    select
        layer_code,
        subject,
        measure,
        total,
        period_start
    from {{ ref('ops_usage_total') }}
    {%- endif %}

),

feeds_with_facts as (

    select distinct subject
    from layer_totals
    where layer_code = 'fact'

),

sides as (
    {% for layer_from, layer_to in layers %}
    select
        '{{ layer_from }}' as layer_from,
        '{{ layer_to }}' as layer_to,
        layer_totals.subject,
        layer_totals.measure,
        case when layer_totals.layer_code = '{{ layer_from }}' then layer_totals.total else 0 end as from_total,
        case when layer_totals.layer_code = '{{ layer_to }}' then layer_totals.total else 0 end as to_total,
        layer_totals.period_start
    from layer_totals
    {%- if layer_to == 'fact' %}
    inner join feeds_with_facts on layer_totals.subject = feeds_with_facts.subject
    {%- endif %}
    where layer_totals.layer_code in ('{{ layer_from }}', '{{ layer_to }}')
    union all
    {% endfor %}
    {%- for subject, measure, layer_from, from_relation, from_period, from_value, from_where,
        layer_to, to_relation, to_period, to_value, to_where in models %}
    select
        '{{ layer_from }}' as layer_from,
        '{{ layer_to }}' as layer_to,
        {{ subject }} as subject,
        {{ measure }} as measure,
        cast(sum({{ from_value }}) as decimal(38, 6)) as from_total,
        cast(0 as decimal(38, 6)) as to_total,
        {{ from_period }} as period_start
    from {{ from_relation }}
    where {{ from_where }}
    group by {{ subject }}, {{ measure }}, {{ from_period }}
    union all
    select
        '{{ layer_from }}' as layer_from,
        '{{ layer_to }}' as layer_to,
        {{ subject }} as subject,
        {{ measure }} as measure,
        cast(0 as decimal(38, 6)) as from_total,
        cast(sum({{ to_value }}) as decimal(38, 6)) as to_total,
        {{ to_period }} as period_start
    from {{ to_relation }}
    where {{ to_where }}
    group by {{ subject }}, {{ measure }}, {{ to_period }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    layer_from,
    layer_to,
    subject,
    measure,
    cast(coalesce(sum(from_total), 0) as decimal(38, 6)) as from_total,
    cast(coalesce(sum(to_total), 0) as decimal(38, 6)) as to_total,
    cast(coalesce(sum(from_total), 0) - coalesce(sum(to_total), 0) as decimal(38, 6)) as difference,
    period_start
from sides
group by layer_from, layer_to, subject, measure, period_start
