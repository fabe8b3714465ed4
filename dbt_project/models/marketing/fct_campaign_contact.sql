-- One row per campaign wave and subscription, accumulating: drawn, contacted, responded, ordered, cancelled, kept. Who
-- has events without standing in the list gets a row too. Kept: not cancelled and still counted at the end of the month
-- that makes up the months of the rule (parameter kept_months, the month of the order being the first); null before it.
with lists as (

    select
        *,
        {{ repeats_record(['campaign_id', 'wave_number', 'subscription_id']) }} as is_copy
    from {{ ref('stg_crm__segment_list') }}

),

drawn as (

    select * from lists
    where not is_copy

),

happened as (

    select
        campaign_id,
        wave_number,
        subscription_id,
        min(case when event_code in ('CONTACTED', 'NOT_REACHED') then happened_at end) as tried_at,
        min(case when event_code = 'CONTACTED' then happened_at end) as contacted_at,
        min(case when event_code = 'RESPONDED' then happened_at end) as responded_at,
        min(case when event_code = 'DECLINED' then happened_at end) as declined_at,
        min(case when event_code = 'ORDERED' then happened_at end) as ordered_at,
        min(case when event_code = 'ORDERED' then event_date end) as ordered_date,
        min(case when event_code = 'ORDERED' then order_id end) as order_id,
        min(case when event_code = 'CANCELLED' then happened_at end) as cancelled_at,
        min(case when event_code = 'CANCELLED' then event_date end) as cancelled_date,
        min(event_date) as first_event_date,
        min(file_date) as first_file_date,
        count(*) as event_count
    from {{ ref('fct_campaign_event') }}
    group by campaign_id, wave_number, subscription_id

),

parameters as (

    select * from {{ ref('parameters') }}
    where parameter_code = 'kept_months'

),

members as (

    select
        coalesce(drawn.campaign_id, happened.campaign_id) as campaign_id,
        coalesce(drawn.wave_number, happened.wave_number) as wave_number,
        coalesce(drawn.subscription_id, happened.subscription_id) as subscription_id,
        drawn.campaign_id is not null as is_listed,
        coalesce(drawn.is_control, false) as is_control,
        drawn.segment_id,
        drawn.segment_version,
        happened.tried_at,
        happened.contacted_at,
        happened.responded_at,
        happened.declined_at,
        happened.ordered_at,
        happened.ordered_date,
        happened.order_id,
        happened.cancelled_at,
        happened.cancelled_date,
        coalesce(happened.event_count, 0) as event_count,
        coalesce(drawn.listed_on, happened.first_event_date) as listed_date,
        coalesce(drawn.file_date, happened.first_file_date) as file_date
    from drawn
    full outer join happened
        on drawn.campaign_id = happened.campaign_id
        and drawn.wave_number = happened.wave_number
        and drawn.subscription_id = happened.subscription_id

),

judged as (

    select
        members.*,
        {{ add_days(add_months(month_of('members.ordered_date'), 'parameters.parameter_value'), -1) }} as kept_on
    from members
    left join parameters on {{ valid_on('parameters', 'members.ordered_date') }}

),

last_day as (

    select max(snapshot_date) as snapshot_date from {{ ref('fct_subscription_day') }}

),

subscription_days as (

    select
        subscription_id,
        snapshot_date
    from {{ ref('fct_subscription_day') }}
    where is_counted

),

campaigns as (

    select * from {{ ref('dim_campaign') }}
    where is_current

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

offers as (

    select * from {{ ref('dim_offer') }}

),

staff as (

    select * from {{ ref('dim_staff') }}

)

select
    -- keys
    {{ surrogate_key(['judged.campaign_id', 'judged.wave_number', 'judged.subscription_id']) }} as campaign_contact_key,
    coalesce(campaigns.campaign_key, {{ unknown_key() }}) as campaign_key,
    coalesce(subscriptions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(offers.offer_key, {{ unknown_key() }}) as offer_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as owner_staff_key,
    judged.campaign_id,
    judged.wave_number,
    judged.subscription_id,
    judged.order_id,

    -- attributes
    judged.segment_id,
    judged.segment_version,
    judged.is_listed,
    judged.is_control,
    judged.contacted_at is not null as is_contacted,
    judged.responded_at is not null as is_responded,
    judged.ordered_at is not null as is_ordered,
    judged.cancelled_at is not null as is_cancelled,
    case
        when judged.kept_on <= last_day.snapshot_date
            then coalesce(judged.cancelled_date > judged.kept_on, true)
                and subscription_days.subscription_id is not null
    end as is_kept,

    -- measures
    cast(judged.event_count as bigint) as event_count,

    -- times and lineage
    judged.listed_date,
    judged.tried_at,
    judged.contacted_at,
    judged.responded_at,
    judged.declined_at,
    judged.ordered_at,
    judged.ordered_date,
    judged.cancelled_at,
    judged.kept_on,
    judged.file_date
from judged
cross join last_day
left join subscription_days
    on judged.subscription_id = subscription_days.subscription_id
    and judged.kept_on = subscription_days.snapshot_date
left join campaigns
    on judged.campaign_id = campaigns.campaign_id
    and judged.wave_number = campaigns.wave_number
left join subscriptions on judged.subscription_id = subscriptions.subscription_id
    and {{ valid_on('subscriptions', 'judged.listed_date') }}
left join customers on subscriptions.customer_id = customers.customer_id
    and {{ valid_on('customers', 'judged.listed_date') }}
left join orgs on subscriptions.org_id = orgs.org_id and {{ valid_on('orgs', 'judged.listed_date') }}
left join offers on campaigns.offer_id = offers.offer_id
left join staff on campaigns.owner_staff_id = staff.staff_id
