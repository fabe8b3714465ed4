-- One row per direction, roaming partner, TAP file, own city, local day of the event and kind of use: events, use and
-- charge as the file says them. In: our subscribers abroad, we pay; out: foreign subscribers here, we are paid.
{% set key = ['sender_code', 'recipient_code', 'file_sequence', 'event_number'] -%}
with events as (

    select
        'IN' as direction_code,
        *,
        {{ repeats_record(key) }} as is_copy
    from {{ ref('stg_billing__tap_in') }}
    union all
    select
        'OUT' as direction_code,
        *,
        {{ repeats_record(key) }} as is_copy
    from {{ ref('stg_billing__tap_out') }}

),

versions as (

    select
        number_token,
        org_id,
        valid_from,
        row_number() over (
            partition by number_token, valid_from order by opened_on desc, subscription_id
        ) as copy_number
    from {{ ref('dim_subscription') }}
    where number_token is not null

),

-- A number that was given to somebody else belongs to the one who got it last.
numbers as (

    select
        number_token,
        org_id,
        valid_from,
        coalesce(lead(valid_from) over (partition by number_token order by valid_from), cast('9999-12-31' as date))
            as valid_to
    from versions
    where copy_number = 1

),

-- An own subscriber belongs to the city of the subscription; a foreign one is where the recording switch stands.
placed as (

    select
        events.*,
        cast(events.started_at_local as date) as event_date,
        coalesce(case
            when events.direction_code = 'IN' then numbers.org_id
            else nullif({{ text_match('events.recording_entity', '^MSC([0-9]+)$') }}, '')
        end, '?') as org_id
    from events
    left join numbers on case when events.direction_code = 'IN' then events.number_token end = numbers.number_token
        and {{ valid_on('numbers', 'cast(events.started_at_local as date)') }}
    where not events.is_copy

),

charges as (

    select
        direction_code,
        partner_code,
        source_file,
        file_sequence,
        org_id,
        event_date,
        service_kind_code,
        currency_code,
        count(*) as event_count,
        cast(sum(duration_s) as bigint) as duration_s,
        cast(sum(received_bytes) as bigint) as received_bytes,
        cast(sum(sent_bytes) as bigint) as sent_bytes,
        cast(sum(charge_units) as bigint) as charge_units,
        cast(sum(charge_tap_amt) as decimal(18, 6)) as charge_tap_amt,
        cast(sum({{ seconds_between('started_at', 'available_at') }}) as bigint) as delay_s,
        max(available_at) as available_at,
        file_date
    from placed
    group by
        direction_code, partner_code, source_file, file_sequence, org_id, event_date, service_kind_code, currency_code,
        file_date

),

operators as (

    select * from {{ ref('dim_operator') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

usage_types as (

    select * from {{ ref('dim_usage_type') }}

),

rates as (

    select * from {{ ref('currency_rates') }}

),

partners as (

    select * from {{ ref('dim_partner') }}

)

select
    -- keys
    {{ surrogate_key([
        'charges.direction_code', 'charges.source_file', 'charges.org_id', 'charges.event_date',
        'charges.service_kind_code', 'charges.currency_code',
    ]) }} as roaming_charge_key,
    coalesce(operators.operator_key, {{ unknown_key() }}) as partner_operator_key,
    coalesce(partners.partner_key, {{ unknown_key() }}) as partner_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(usage_types.usage_type_key, {{ unknown_key() }}) as usage_type_key,
    charges.partner_code,
    charges.org_id,
    charges.file_sequence,

    -- attributes
    charges.direction_code,
    charges.service_kind_code,
    charges.currency_code,
    rates.yuan_per_unit is not null as has_rate,

    -- measures
    charges.event_count,
    charges.duration_s,
    charges.received_bytes,
    charges.sent_bytes,
    charges.charge_units,
    charges.charge_tap_amt,
    cast(charges.charge_tap_amt * cast(coalesce(rates.yuan_per_unit, 0) as decimal(12, 6)) as decimal(18, 2))
        as charge_amt,
    charges.delay_s,

    -- times and lineage
    charges.available_at,
    charges.event_date,
    charges.source_file,
    charges.file_date
from charges
left join operators on charges.partner_code = operators.operator_code
left join orgs on charges.org_id = orgs.org_id and {{ valid_on('orgs', 'charges.event_date') }}
left join usage_types on usage_types.usage_type_code = case charges.service_kind_code
    when 'VOICE' then 'VOICE_ROAM' when 'SMS' then 'SMS_ROAM' when 'DATA' then 'DATA_ROAM' end
left join rates on charges.currency_code = rates.currency_code and {{ valid_on('rates', 'charges.event_date') }}
left join partners on charges.partner_code = partners.partner_id and {{ valid_on('partners', 'charges.event_date') }}
