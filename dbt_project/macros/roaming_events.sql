{# The columns of a TAP feed as a whole select; both directions have the same ones. `partner` is the delivered
   column that names the other network.
   Example: {{ roaming_events(source('billing', 'tap_in'), 'sender_code') }} #}
{% macro roaming_events(relation, partner) -%}
with source as (

    select * from {{ relation }}

)

select
    -- keys
    sender_code,
    recipient_code,
    {{ partner }} as partner_code,
    file_sequence,
    event_number,

    -- attributes
    event_type_code,
    event_tag,
    tele_service_code,
    case
        when event_type_code = 'GPRS' then 'DATA'
        when tele_service_code in ('21', '22') then 'SMS'
        when event_type_code in ('MOC', 'MTC') then 'VOICE'
        else 'OTHER'
    end as service_kind_code,
    imsi_token,
    number_token,
    counterpart_token,
    recording_entity,
    currency_code,
    currency_decimals,

    -- measures
    coalesce(duration_s, 0) as duration_s,
    coalesce(received_bytes, 0) as received_bytes,
    coalesce(sent_bytes, 0) as sent_bytes,
    charge_units,
    cast(charge_units * case currency_decimals
        when 0 then cast(1 as decimal(18, 6))
        when 1 then cast(0.1 as decimal(18, 6))
        when 2 then cast(0.01 as decimal(18, 6))
        when 3 then cast(0.001 as decimal(18, 6))
        when 4 then cast(0.0001 as decimal(18, 6))
        when 5 then cast(0.00001 as decimal(18, 6))
        else cast(0.000001 as decimal(18, 6))
    end as decimal(18, 6)) as charge_tap_amt,

    -- times
    started_at,
    started_at_local,
    available_at,
    available_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
{%- endmacro %}
