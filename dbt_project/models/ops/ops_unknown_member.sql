-- One row per dimension, fact and month: rows of the fact, and those that point to the unknown member of the dimension.
{% set facts = [
    ('customers', 'fct_subscription_event', 'event_date',
        ['subscription', 'customer', 'account', 'org', 'offer', 'entry_channel']),
    ('customers', 'fct_order', 'created_date', ['subscription', 'customer', 'org', 'offer', 'channel', 'staff']),
    ('usage', 'fct_usage_day', 'event_date', ['subscription', 'customer', 'account', 'org', 'usage_type']),
    ('revenue', 'fct_bill_charge', 'billing_month', ['subscription', 'customer', 'org', 'charge_item']),
    ('revenue', 'fct_payment', 'paid_date', ['account', 'customer', 'org', 'channel']),
    ('service_quality', 'fct_contact', 'contact_date', ['subscription', 'customer', 'org', 'reason']),
    ('service_quality', 'fct_ticket', 'opened_date', ['subscription', 'customer', 'org', 'reason']),
    ('service_quality', 'fct_alarm', 'raised_date', ['network_element', 'org']),
    ('marketing', 'fct_campaign_contact', 'listed_date', ['campaign', 'subscription', 'customer', 'org', 'offer']),
    ('marketing', 'fct_campaign_cost', 'cost_date', ['campaign', 'org']),
] -%}
{% set roles = {'entry_channel': 'channel'} -%}

with counted as (
    {% for theme, fact, day, keys in facts if theme_is_on(theme) %}
    {%- for key in keys %}
    select
        '{{ roles.get(key, key) }}' as dimension_code,
        '{{ fact }}' as fact_name,
        {{ month_of(day) }} as month_start_date,
        count(*) as record_count,
        count(case when {{ key }}_key = {{ unknown_key() }} then 1 end) as unknown_record_count
    from {{ ref(fact) }}
    group by {{ month_of(day) }}
    union all
    {%- endfor %}
    {%- endfor %}
    select
        '?' as dimension_code,
        '?' as fact_name,
        cast(null as date) as month_start_date,
        cast(0 as bigint) as record_count,
        cast(0 as bigint) as unknown_record_count

)

select
    dimension_code,
    fact_name,
    cast(record_count as bigint) as record_count,
    cast(unknown_record_count as bigint) as unknown_record_count,
    month_start_date
from counted
where month_start_date is not null
