-- One row per order, with the time of each of its states as far as it has come.
with messages as (

    select
        *,
        row_number() over (
            partition by order_id, status_code order by file_date, source_file, line_number
        ) as copy_number
    from {{ ref('stg_billing__order') }}

),

orders as (

    select
        order_id,
        min(case when copy_number = 1 and status_code = 'created' then changed_at end) as created_at,
        min(case when copy_number = 1 and status_code = 'in_progress' then changed_at end) as started_at,
        min(case when copy_number = 1 and status_code = 'done' then changed_at end) as done_at,
        min(case when copy_number = 1 and status_code = 'cancelled' then changed_at end) as cancelled_at,
        count(*) as message_count
    from messages
    group by order_id

),

-- What the order says of itself is taken from its newest state.
newest as (

    select
        *,
        {{ is_newest(['order_id'], 'changed_at') }} as is_newest
    from messages
    where copy_number = 1

),

described as (

    select
        newest.order_id,
        newest.subscription_id,
        newest.customer_id,
        newest.offer_id,
        newest.channel_id,
        newest.staff_id,
        newest.order_type_code,
        newest.status_code,
        newest.created_at,
        newest.created_at_local,
        newest.promised_at,
        newest.file_date,
        cast(newest.created_at_local as date) as created_date,
        orders.started_at,
        coalesce(orders.done_at, newest.completed_at) as done_at,
        orders.cancelled_at,
        orders.message_count
    from newest
    inner join orders on newest.order_id = orders.order_id
    where newest.is_newest

),

versions as (

    select * from {{ ref('dim_subscription') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

offers as (

    select * from {{ ref('dim_offer') }}

),

channels as (

    select * from {{ ref('dim_channel') }}

),

staff as (

    select * from {{ ref('dim_staff') }}

),

staff_versions as (

    select * from {{ ref('dim_staff_version') }}

)

select
    -- keys
    {{ surrogate_key(['described.order_id']) }} as order_key,
    coalesce(versions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(offers.offer_key, {{ unknown_key() }}) as offer_key,
    coalesce(channels.channel_key, {{ unknown_key() }}) as channel_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as staff_key,
    described.order_id,
    described.subscription_id,

    -- attributes
    described.order_type_code,
    described.status_code,
    coalesce(staff_versions.role_code, '?') as staff_role_code,
    described.done_at <= described.promised_at as is_promise_met,

    -- measures
    {{ seconds_between('described.created_at', 'described.done_at') }} as lead_time_s,
    cast(described.message_count as bigint) as message_count,

    -- times and lineage
    described.created_at,
    described.created_at_local,
    described.created_date,
    described.promised_at,
    described.started_at,
    described.done_at,
    described.cancelled_at,
    described.file_date
from described
left join versions on described.subscription_id = versions.subscription_id
    and {{ valid_on('versions', 'described.created_date') }}
left join customers on described.customer_id = customers.customer_id
    and {{ valid_on('customers', 'described.created_date') }}
left join orgs on coalesce(versions.org_id, customers.org_id) = orgs.org_id
    and {{ valid_on('orgs', 'described.created_date') }}
left join offers on described.offer_id = offers.offer_id
left join channels on described.channel_id = channels.channel_id
left join staff on described.staff_id = staff.staff_id
left join staff_versions on described.staff_id = staff_versions.staff_id
    and {{ valid_on('staff_versions', 'described.created_date') }}
