-- One row per day, city, service, partner, gateway, direction, status and whether an order relation held: messages
-- through the gateways. The first copy of a record wins. A push without an order relation is unwanted.
with messages as (

    select
        *,
        cast(sent_at_local as date) as message_date,
        row_number() over (partition by message_id order by file_date, source_file, line_number) as copy_number
    from {{ ref('stg_billing__message') }}

),

relations as (

    select
        service_order_relation_key,
        subscription_id,
        service_code,
        partner_id,
        ordered_at,
        coalesce(ended_at, cast('9999-12-31' as timestamp)) as held_to
    from {{ ref('fct_service_order_relation') }}

),

versions as (

    select * from {{ ref('dim_subscription') }}

),

-- A relation holds from the second of the order up to that of its end.
described as (

    select
        messages.message_id,
        messages.message_date,
        messages.service_code,
        messages.partner_id,
        messages.gateway_code,
        messages.record_type_code,
        messages.send_status_code,
        messages.content_bytes,
        coalesce(max(versions.org_id), '?') as org_id,
        count(relations.service_order_relation_key) > 0 as is_ordered
    from messages
    left join relations on messages.subscription_id = relations.subscription_id
        and messages.service_code = relations.service_code
        and messages.partner_id = relations.partner_id
        and messages.sent_at >= relations.ordered_at and messages.sent_at <= relations.held_to
    left join versions on messages.subscription_id = versions.subscription_id
        and {{ valid_on('versions', 'messages.message_date') }}
    where messages.copy_number = 1
    group by
        messages.message_id, messages.message_date, messages.service_code, messages.partner_id, messages.gateway_code,
        messages.record_type_code, messages.send_status_code, messages.content_bytes

),

summed as (

    select
        message_date,
        org_id,
        service_code,
        partner_id,
        gateway_code,
        record_type_code,
        send_status_code,
        is_ordered,
        count(*) as message_count,
        sum(content_bytes) as content_bytes
    from described
    group by
        message_date, org_id, service_code, partner_id, gateway_code, record_type_code, send_status_code, is_ordered

),

orgs as (

    select * from {{ ref('dim_org') }}

),

services as (

    select * from {{ ref('dim_service') }}

),

partners as (

    select * from {{ ref('dim_partner') }}

)

select
    -- keys
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(services.service_key, {{ unknown_key() }}) as service_key,
    coalesce(partners.partner_key, {{ unknown_key() }}) as partner_key,
    summed.org_id,
    summed.service_code,
    summed.partner_id,

    -- attributes
    summed.gateway_code,
    summed.record_type_code,
    summed.send_status_code,
    summed.is_ordered,

    -- measures
    cast(summed.message_count as bigint) as message_count,
    cast(summed.content_bytes as bigint) as content_bytes,

    -- times
    summed.message_date
from summed
left join orgs on summed.org_id = orgs.org_id and {{ valid_on('orgs', 'summed.message_date') }}
left join services on summed.service_code = services.service_code
left join partners on summed.partner_id = partners.partner_id
    and {{ valid_on('partners', 'summed.message_date') }}
