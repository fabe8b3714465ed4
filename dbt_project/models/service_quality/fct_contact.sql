-- One row per contact with us on one channel; a contact delivered again within 3 days is left out. A contact on a line
-- that was merged behind another one counts under the other from the day of the merger on.
with delivered as (

    select
        *,
        cast(offered_at_local as date) as contact_date,
        {{ repeats_record(['contact_id'], within_days=3) }} as is_copy
    from {{ ref('stg_call_center__contact') }}
    where {{ since_window('file_date', lookback_days=3) }}

),

contacts as (

    select * from delivered
    where not is_copy and {{ since_window('file_date') }}

),

subscriptions as (

    select * from {{ ref('dim_subscription') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

staff as (

    select * from {{ ref('dim_staff') }}

),

reasons as (

    select * from {{ ref('dim_reason') }}
    where scheme_code = 'contact'

),

channels as (

    select * from {{ ref('dim_contact_channel') }}

),

centres as (

    select * from {{ ref('dim_contact_centre') }}

)

select
    -- keys
    {{ surrogate_key(['contacts.contact_id', 'contacts.file_date']) }} as contact_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(subscriptions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as staff_key,
    coalesce(reasons.reason_key, {{ unknown_key() }}) as reason_key,
    coalesce(channels.contact_channel_key, {{ unknown_key() }}) as contact_channel_key,
    coalesce(centres.contact_centre_key, {{ unknown_key() }}) as contact_centre_key,
    contacts.contact_id,
    contacts.customer_id,
    contacts.subscription_id,
    contacts.ticket_id,

    -- attributes
    contacts.channel_code,
    contacts.line_code,
    contacts.queue_code,
    contacts.outcome_code,
    contacts.reason_code,
    coalesce(reasons.level1_code, 'OTHER') as reason_class_code,
    contacts.language_code,
    contacts.answered_at is not null and contacts.outcome_code in ('answered', 'transferred') as is_handled,
    contacts.outcome_code = 'abandoned' as is_abandoned,

    -- measures
    contacts.ivr_s,
    contacts.wait_s,
    contacts.talk_s,
    contacts.hold_s,
    contacts.wrap_s,
    contacts.talk_s + contacts.hold_s + contacts.wrap_s as handle_s,

    -- times and lineage
    contacts.offered_at,
    contacts.offered_at_local,
    contacts.answered_at,
    contacts.answered_at_local,
    contacts.ended_at,
    contacts.ended_at_local,
    contacts.contact_date,
    contacts.source_file,
    contacts.line_number,
    contacts.file_date
from contacts
left join subscriptions on contacts.subscription_id = subscriptions.subscription_id
    and {{ valid_on('subscriptions', 'contacts.contact_date') }}
left join customers on coalesce(contacts.customer_id, subscriptions.customer_id) = customers.customer_id
    and {{ valid_on('customers', 'contacts.contact_date') }}
left join orgs on coalesce(subscriptions.org_id, customers.org_id) = orgs.org_id
    and {{ valid_on('orgs', 'contacts.contact_date') }}
left join staff on contacts.staff_id = staff.staff_id
left join reasons on contacts.reason_code = reasons.reason_code
left join channels as recorded on contacts.line_code = recorded.line_code
left join channels on channels.line_code = case
    when contacts.contact_date >= recorded.merged_on then recorded.merged_line_code else contacts.line_code
end
left join centres on contacts.queue_code = centres.queue_code
