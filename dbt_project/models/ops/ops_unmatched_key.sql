-- One row per load (feed and file date), column and key that its register had not listed by the end of that day, with
-- the rows that carry it: the list of what did not match. A key that is listed later stays in the list of the loads
-- before, with the day of its listing. Hours of cells stand for their measurements. Kept are rows of feeds on which
-- incremental models of the themes rest: these look a key up when they are built, and a build begins early enough for
-- keys that are listed since (orchestration/build_window.py).
{% set kept = [
    'billing__account', 'billing__adjustment', 'billing__bill', 'billing__bill_item', 'billing__payment',
    'billing__port_message', 'billing__rated_data', 'billing__rated_voice', 'billing__subscription',
    'billing__subscription_status', 'call_center__contact', 'network__alarm', 'network__circuit_measurement',
    'network__measurement',
] -%}
{% set registers = {
    'subscription_id': ('billing__subscription', [
        'billing__subscription_status', 'billing__order', 'billing__port_message', 'billing__rated_voice',
        'billing__rated_data', 'billing__bill_item', 'billing__service_order', 'billing__service_refund',
        'billing__dealer_commission', 'call_center__contact', 'call_center__ticket', 'call_center__survey_invitation',
        'call_center__self_service', 'crm__segment_list', 'crm__campaign_contact',
    ]),
    'account_id': ('billing__account', [
        'billing__subscription', 'billing__bill', 'billing__payment', 'billing__adjustment', 'billing__arrears',
    ]),
    'customer_id': ('billing__customer', [
        'billing__account', 'billing__subscription', 'billing__order', 'billing__group_member',
        'call_center__contact', 'call_center__ticket', 'call_center__visit', 'crm__key_account',
        'crm__contact_person', 'crm__contract', 'crm__opportunity', 'crm__project', 'crm__activity',
        'crm__service_event', 'network__circuit',
    ]),
    'cell_id': ('network__cell', [
        'billing__rated_voice', 'billing__rated_data', 'network__alarm', 'network__planned_work',
        'network__measurement', 'call_center__ticket',
    ]),
    'circuit_id': ('network__circuit', ['network__circuit_measurement', 'crm__service_event']),
} -%}
{% set relations = {} -%}
{% if theme_is_on('service_quality') -%}
{% do relations.update({'network__measurement': ref('fct_network_cell_hour')}) -%}
{% endif -%}
with
{% for column, (register, contracts) in registers.items() -%}
listed_{{ column }} as (

    select
        {{ column }},
        min(file_date) as listed_date
    from {{ ref('stg_' ~ register) }}
    group by {{ column }}

),

{% endfor -%}
unmatched as (
    {% for column, (register, contracts) in registers.items() %}
    {%- set last = loop.last %}
    {%- for contract in contracts %}
    select
        '{{ contract }}' as contract_id,
        '{{ column }}' as field_name,
        '{{ register }}' as register_contract_id,
        cast(uses.{{ column }} as string) as key_value,
        {{ 'true' if contract in kept else 'false' }} as is_kept,
        listed.listed_date,
        uses.file_date
    from {{ relations[contract] if contract in relations else ref('stg_' ~ contract) }} as uses
    left join listed_{{ column }} as listed on uses.{{ column }} = listed.{{ column }}
    where
        uses.{{ column }} is not null
        and (listed.listed_date is null or listed.listed_date > uses.file_date)
        and {{ since_window('uses.file_date') }}
    {{ 'union all' if not (last and loop.last) }}
    {%- endfor %}
    {%- endfor %}
)

select
    contract_id,
    field_name,
    register_contract_id,
    key_value,
    is_kept,
    cast(count(*) as bigint) as record_count,
    listed_date,
    file_date
from unmatched
group by contract_id, field_name, register_contract_id, key_value, is_kept, listed_date, file_date
