-- One row per event in the life of a subscription: a change of state, of offer or of city.
-- The counting flags stand on the change that ends the day, so that events and days agree to one.
with changes as (

    select * from {{ ref('int_subscription_change') }}
    where not is_stock and {{ since_window('change_date') }}

),

versions as (

    select
        *,
        lag(offer_id) over (partition by subscription_id order by valid_from) as previous_offer_id,
        lag(org_id) over (partition by subscription_id order by valid_from) as previous_org_id
    from {{ ref('dim_subscription') }}

),

flow_days as (

    select * from {{ ref('fct_subscription_day') }}
    where {{ since_window('snapshot_date') }} and (is_new or is_regained or is_left)

),

states as (

    select * from {{ ref('subscription_states') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

accounts as (

    select * from {{ ref('dim_account') }}

),

offers as (

    select * from {{ ref('dim_offer') }}

),

services as (

    select * from {{ ref('dim_service') }}

),

channels as (

    select * from {{ ref('dim_channel') }}

),

reasons as (

    select * from {{ ref('dim_reason') }}
    where scheme_code = 'status'

),

operators as (

    select * from {{ ref('dim_operator') }}

),

ports as (

    select
        subscription_id,
        case port_type_code when 'IN' then 'PORT_IN' else 'PORT_OUT' end as event_type_code,
        case when port_type_code = 'IN' then donor_operator_code else recipient_operator_code end as operator_code,
        cast(coalesce(effective_at_local, changed_at_local) as date) as port_date,
        file_date,
        row_number() over (
            partition by subscription_id, port_type_code, cast(coalesce(effective_at_local, changed_at_local) as date)
            order by file_date, source_file, line_number
        ) as copy_number
    from {{ ref('stg_billing__port_message') }}
    where state_code = 'completed'

),

state_events as (

    select
        changes.subscription_id,
        case
            when changes.state_code = '9000' then 'CORRECT'
            when changes.state_code = '2010' then 'CANCEL_VOLUNTARY'
            when changes.state_code = '2020' then 'CANCEL_INVOLUNTARY'
            when changes.state_code = '2030' then 'COOL'
            when changes.state_code = '2040' then 'PORT_OUT'
            when changes.is_overtaken then 'LATE'
            when changes.previous_state_code is null and changes.reason_code = 'PORT_IN' then 'PORT_IN'
            when changes.previous_state_code is null then 'OPEN'
            when previous_states.is_final or previous_states.is_invalid then 'REGAIN'
            when changes.previous_state_code = '1030' and changes.state_code = '1000' then 'FIRST_USE'
            when changes.state_code in ('1010', '1020')
                and changes.state_code > changes.previous_state_code then 'SUSPEND'
            when changes.state_code in ('1000', '1010')
                and changes.state_code < changes.previous_state_code then 'RESUME'
            else 'OTHER'
        end as event_type_code,
        changes.previous_state_code as from_state_code,
        changes.state_code as to_state_code,
        cast(null as string) as from_offer_id,
        cast(null as string) as from_org_id,
        changes.reason_code,
        changes.source_code,
        changes.is_last_of_day,
        changes.is_overtaken,
        changes.change_date as event_date,
        changes.effective_at,
        changes.effective_at_local,
        changes.file_date
    from changes
    left join states as previous_states on changes.previous_state_code = previous_states.state_code

),

attribute_events as (

    select
        subscription_id,
        'CHANGE_OFFER' as event_type_code,
        status_code as from_state_code,
        status_code as to_state_code,
        previous_offer_id as from_offer_id,
        cast(null as string) as from_org_id,
        cast(null as string) as reason_code,
        'list' as source_code,
        false as is_last_of_day,
        false as is_overtaken,
        valid_from as event_date,
        cast(null as timestamp) as effective_at,
        cast(null as timestamp) as effective_at_local,
        valid_from as file_date
    from versions
    where previous_offer_id <> offer_id and {{ since_window('valid_from') }}

    union all

    select
        subscription_id,
        'MOVE' as event_type_code,
        status_code as from_state_code,
        status_code as to_state_code,
        cast(null as string) as from_offer_id,
        previous_org_id as from_org_id,
        cast(null as string) as reason_code,
        'list' as source_code,
        false as is_last_of_day,
        false as is_overtaken,
        valid_from as event_date,
        cast(null as timestamp) as effective_at,
        cast(null as timestamp) as effective_at_local,
        valid_from as file_date
    from versions
    where previous_org_id <> org_id and {{ since_window('valid_from') }}

),

events as (

    select * from state_events
    union all
    select * from attribute_events

)

select
    -- keys
    {{ surrogate_key(['events.subscription_id', 'events.event_type_code', 'events.source_code', 'events.event_date',
                      'events.effective_at', 'events.to_state_code']) }} as subscription_event_key,
    coalesce(versions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(accounts.account_key, {{ unknown_key() }}) as account_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(services.service_key, {{ unknown_key() }}) as service_key,
    coalesce(offers.offer_key, {{ unknown_key() }}) as offer_key,
    coalesce(channels.channel_key, {{ unknown_key() }}) as entry_channel_key,
    coalesce(reasons.reason_key, {{ unknown_key() }}) as reason_key,
    coalesce(operators.operator_key, {{ unknown_key() }}) as operator_key,
    events.subscription_id,

    -- attributes
    events.event_type_code,
    events.source_code,
    events.from_state_code,
    events.to_state_code,
    events.from_offer_id,
    versions.offer_id as to_offer_id,
    events.from_org_id,
    events.reason_code,
    coalesce(versions.is_excluded, false) as is_excluded,
    events.is_overtaken,
    coalesce(events.is_last_of_day and flow_days.is_new, false) as is_new,
    coalesce(events.is_last_of_day and flow_days.is_regained, false) as is_regained,
    coalesce(events.is_last_of_day and flow_days.is_left, false) as is_left,

    -- times and lineage
    events.effective_at,
    events.effective_at_local,
    events.event_date,
    events.file_date
from events
left join versions on events.subscription_id = versions.subscription_id
    and {{ valid_on('versions', 'events.event_date') }}
left join customers on versions.customer_id = customers.customer_id
    and {{ valid_on('customers', 'events.event_date') }}
left join accounts on versions.account_id = accounts.account_id
    and {{ valid_on('accounts', 'events.event_date') }}
left join orgs on versions.org_id = orgs.org_id
    and {{ valid_on('orgs', 'events.event_date') }}
left join services on versions.service_code = services.service_code
left join offers on versions.offer_id = offers.offer_id
left join channels on versions.channel_id = channels.channel_id
left join reasons on events.reason_code = reasons.reason_code
left join ports on events.subscription_id = ports.subscription_id
    and events.event_type_code = ports.event_type_code
    and cast(events.effective_at_local as date) = ports.port_date
    and events.event_date >= ports.file_date
    and ports.copy_number = 1
left join operators on ports.operator_code = operators.operator_code
left join flow_days on events.subscription_id = flow_days.subscription_id
    and events.event_date = flow_days.snapshot_date
