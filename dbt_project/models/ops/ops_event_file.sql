-- One row per file of a feed of events and date on which its records happened: rows, seconds, bytes and yuan. A record
-- whose date is before that of its file is a late one. Other feeds (registers, monthly lists, measurements) have the
-- date of the file alone and are not listed.
{% set feeds = {
    'billing__rated_voice': {'at': 'started_at_local', 'duration_s': 'duration_s', 'amount_amt': 'rated_amt'},
    'billing__rated_data': {
        'at': 'started_at_local', 'volume_bytes': 'up_bytes + down_bytes', 'amount_amt': 'rated_amt',
    },
    'billing__message': {'at': 'sent_at_local', 'volume_bytes': 'content_bytes'},
    'billing__payment': {'at': 'paid_at_local', 'amount_amt': 'payment_amt'},
    'billing__adjustment': {'at': 'adjusted_at_local', 'amount_amt': 'adjustment_amt'},
    'billing__service_refund': {'at': 'refunded_at_local', 'amount_amt': 'refund_amt'},
    'billing__order': {'at': 'changed_at_local'},
    'billing__port_message': {'at': 'changed_at_local'},
    'call_center__contact': {'at': 'offered_at_local', 'duration_s': 'talk_s + hold_s + wrap_s'},
    'call_center__ticket': {'at': 'changed_at_local'},
    'call_center__self_service': {'at': 'started_at_local'},
    'call_center__survey': {'at': 'answered_at_local'},
    'call_center__survey_invitation': {'at': 'invited_at_local'},
    'call_center__queue_interval': {'at': 'interval_at_local'},
    'call_center__agent_interval': {'at': 'interval_at_local'},
    'network__alarm': {'at': 'changed_at_local'},
} -%}
{% set types = {'duration_s': 'bigint', 'volume_bytes': 'bigint', 'amount_amt': 'decimal(18, 2)'} -%}

with records as (
    {% for contract, feed in feeds.items() %}
    select
        '{{ contract }}' as contract_id,
        source_file as file_name,
        count(*) as record_count,
        {%- for measure, type in types.items() %}
        cast({{ 'sum(' ~ feed[measure] ~ ')' if measure in feed else 'null' }} as {{ type }}) as {{ measure }},
        {%- endfor %}
        coalesce(cast({{ feed['at'] }} as date), file_date) as event_date,
        file_date
    from {{ ref('stg_' ~ contract) }}
    where {{ since_window('file_date') }}
    group by source_file, coalesce(cast({{ feed['at'] }} as date), file_date), file_date
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    contract_id,
    file_name,
    cast(record_count as bigint) as record_count,
    duration_s,
    volume_bytes,
    amount_amt,
    event_date,
    file_date
from records
