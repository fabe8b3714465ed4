-- One row per layer, subject (feed), day and measure: rows and summed columns, in the units of the contract, as the
-- ledger accepted them, the lake holds them, staging shows them and the facts keep them, copies left out by a fact
-- included. A new feed gets its line in `feeds`, a new fact its line in `facts`
-- under its theme.
{% set charges = {
    'gross_fen': '100 * gross_amt', 'discount_fen': '100 * discount_amt',
    'tax_fen': '100 * tax_amt', 'net_fen': '100 * net_amt',
} -%}
{% set arrears = {
    'not_due_fen': '100 * not_due_amt', 'days_0_30_fen': '100 * days_0_30_amt',
    'days_31_60_fen': '100 * days_31_60_amt', 'days_61_90_fen': '100 * days_61_90_amt',
    'days_91_180_fen': '100 * days_91_180_amt', 'days_181_365_fen': '100 * days_181_365_amt',
    'days_over_365_fen': '100 * days_over_365_amt',
} -%}
{% set feeds = {
    'billing__account': {}, 'billing__channel': {}, 'billing__customer': {}, 'billing__offer': {}, 'billing__order': {},
    'billing__port_message': {}, 'billing__subscription': {}, 'billing__subscription_status': {},
    'billing__rated_voice': {'duration_s': 'duration_s', 'rated_fen': '100 * rated_amt'},
    'billing__rated_data': {'up_bytes': 'up_bytes', 'down_bytes': 'down_bytes', 'rated_fen': '100 * rated_amt'},
    'billing__arrears': arrears,
    'billing__bill': charges,
    'billing__bill_item': charges,
    'billing__payment': {'amount_fen': '100 * payment_amt'},
    'billing__adjustment': {'amount_fen': '100 * adjustment_amt'},
    'network__measurement': {}, 'network__alarm': {}, 'network__cell': {},
    'call_center__contact': {}, 'call_center__ticket': {}, 'call_center__survey': {},
    'call_center__survey_invitation': {},
    'crm__org': {}, 'crm__staff': {},
    'call_center__queue_interval': {'offered_count': 'offered_count', 'answered_count': 'answered_count'},
    'call_center__agent_interval': {'handled_count': 'handled_count'},
    'call_center__self_service': {}, 'network__maintenance_log': {}, 'network__planned_work': {},
    'billing__group_customer': {}, 'billing__group_member': {},
    'billing__group_revenue': {'amount_fen': '100 * amount_amt'},
    'network__circuit': {'monthly_fee_fen': '100 * monthly_fee_amt'},
    'network__circuit_measurement': {'up_s': 'up_s', 'in_bytes': 'in_bytes', 'out_bytes': 'out_bytes'},
    'crm__key_account': {}, 'crm__contact_person': {}, 'crm__plan': {}, 'crm__activity': {},
    'crm__contract': {'value_fen': '100 * value_amt'},
    'crm__opportunity': {'value_fen': '100 * value_amt'},
    'crm__project': {}, 'crm__service_event': {}, 'crm__work_order': {}, 'call_center__visit': {},
    'billing__tap_in': {'charge_units': 'charge_units'}, 'billing__tap_out': {'charge_units': 'charge_units'},
    'billing__number_range': {}, 'crm__market_survey': {}, 'crm__policy_event': {},
    'billing__interconnect_settlement': {'fee_in_fen': '100 * fee_in_amt', 'fee_out_fen': '100 * fee_out_amt'},
    'billing__service_order': {},
    'billing__service_refund': {'amount_fen': '100 * refund_amt'},
    'billing__message': {'content_bytes': 'content_bytes'},
    'billing__partner_statement': {'gross_fen': '100 * gross_amt', 'payable_fen': '100 * payable_amt'},
    'billing__dealer_commission': {'amount_fen': '100 * commission_amt'},
    'crm__partner': {}, 'crm__partner_rate': {},
    'crm__campaign': {}, 'crm__segment_list': {}, 'crm__campaign_contact': {},
    'crm__top_customer_list': {}, 'crm__report_submission': {},
    'crm__campaign_cost': {'amount_fen': '100 * cost_amt'},
} -%}
{% set theme_facts = {
    'usage': {
        'billing__rated_voice': {'fact': 'fct_usage_event', 'where': "record_kind_code = 'rated_voice'"},
        'billing__rated_data': {'fact': 'fct_usage_event', 'where': "record_kind_code = 'rated_data'"},
    },
    'revenue': {
        'billing__bill': {'fact': 'fct_bill', 'key': ['bill_id']},
        'billing__bill_item': {
            'fact': 'fct_bill_charge', 'key': ['bill_id', 'subscription_id', 'charge_item_code'], 'within_days': 31,
        },
        'billing__payment': {'fact': 'fct_payment', 'key': ['payment_id']},
        'billing__adjustment': {'fact': 'fct_adjustment', 'key': ['adjustment_id']},
    },
    'service_quality': {
        'call_center__contact': {'fact': 'fct_contact', 'key': ['contact_id'], 'within_days': 3},
        'call_center__survey': {
            'fact': 'fct_survey_response', 'key': ['response_id', 'question_code'], 'within_days': 3,
        },
        'call_center__survey_invitation': {'fact': 'fct_survey_invitation', 'key': ['invitation_id']},
        'call_center__queue_interval': {
            'fact': 'fct_queue_interval', 'key': ['queue_code', 'interval_at'], 'within_days': 3,
        },
        'call_center__agent_interval': {
            'fact': 'fct_agent_interval', 'key': ['staff_id', 'interval_at'], 'within_days': 3,
        },
        'call_center__self_service': {'fact': 'fct_self_service', 'key': ['session_id']},
        'network__maintenance_log': {'fact': 'fct_maintenance_log', 'key': ['log_id']},
        'network__planned_work': {'fact': 'fct_planned_work', 'key': ['work_id', 'cell_id']},
    },
    'competition': {
        'crm__market_survey': {
            'fact': 'fct_market_operator_month', 'key': ['survey_on', 'source_code', 'org_id', 'operator_code'],
        },
    },
    'marketing': {
        'crm__campaign_contact': {'fact': 'fct_campaign_event', 'key': ['event_id']},
        'crm__campaign_cost': {'fact': 'fct_campaign_cost', 'key': ['cost_id']},
        'crm__segment_list': {
            'fact': 'fct_campaign_contact', 'where': 'is_listed',
            'key': ['campaign_id', 'wave_number', 'subscription_id'],
        },
    },
    'key_accounts': {
        'crm__project': {'fact': 'fct_project_event', 'key': ['project_id', 'event_type_code']},
        'crm__plan': {'fact': 'fct_plan', 'key': ['plan_id']},
        'crm__report_submission': {'fact': 'fct_report_submission', 'key': ['submission_id']},
        'crm__top_customer_list': {'fact': 'exp_top_customer', 'key': ['cycle_code', 'customer_id']},
    },
    'new_services': {
        'billing__service_order': {
            'fact': 'fct_service_order_event',
            'key': ['subscription_id', 'service_code', 'partner_id', 'action_code', 'changed_at'],
        },
        'billing__service_refund': {'fact': 'fct_service_refund', 'key': ['refund_id']},
    },
    'partners': {
        'billing__dealer_commission': {'fact': 'fct_dealer_commission', 'key': ['commission_id']},
    },
} -%}
{% set facts = {} -%}
{% for theme in theme_facts if theme_is_on(theme) -%}
{% do facts.update(theme_facts[theme]) -%}
{% endfor %}

with ledger as (

    select
        'ledger' as layer_code,
        contract_id,
        'rows' as measure,
        cast(sum(accepted_rows) as decimal(38, 6)) as total,
        file_date
    from {{ ref('ops_file') }}
    where state = 'accepted' and {{ since_window('file_date') }}
    group by contract_id, file_date

    union all

    select
        'ledger' as layer_code,
        contract_id,
        column_name as measure,
        cast(sum(accepted_total) as decimal(38, 6)) as total,
        file_date
    from {{ ref('ops_file_total') }}
    where {{ since_window('file_date') }}
    group by contract_id, column_name, file_date

),

lake as (
    {% for contract_id, sums in feeds.items() %}
    {%- set family, feed = contract_id.split('__') %}
    {{ layer_totals('lake', contract_id, source(family, feed), sums.keys() | list, sums.keys() | list) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

staging as (
    {% for contract_id, sums in feeds.items() %}
    {{ layer_totals('staging', contract_id, ref('stg_' ~ contract_id), sums.keys() | list, sums.values() | list) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

facts as (
    {%- if not facts %}
    select
        *
    from ledger
    where 1 = 0
    {%- endif %}
    {% for contract_id, fact in facts.items() %}
    {%- set measures, sums = feeds[contract_id].keys() | list, feeds[contract_id].values() | list %}
    {{ layer_totals('fact', contract_id, ref(fact.fact), measures, sums, fact.get('where', '1 = 1')) }}
    union all
    {%- if 'key' in fact %}
    {%- set copies %}(
        select
            *,
            {{ repeats_record(fact.key, fact.get('within_days')) }} as is_copy
        from {{ ref('stg_' ~ contract_id) }}
    ) as delivered{% endset %}
    {{ layer_totals('fact', contract_id, copies, measures, sums, 'is_copy') }}
    {%- else %}
    {{ layer_totals('fact', contract_id, ref('fct_usage_copy'), measures, sums, fact.where) }}
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

layers as (

    select * from ledger
    union all
    select * from lake
    union all
    select * from staging
    union all
    select * from facts

)

select
    layer_code,
    contract_id as subject,
    measure,
    cast(sum(total) as decimal(38, 6)) as total,
    file_date as period_start
from layers
group by layer_code, contract_id, measure, file_date
