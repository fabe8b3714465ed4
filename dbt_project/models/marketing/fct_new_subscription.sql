-- One row per new subscription (theme 1 says which are new) with what tells a good sale from a bad one: re-entry of a
-- customer who gives up another number, no use in the first 30 days, still there at the end of the third month, revenue
-- of that month. Null as long as the day on which it is judged has not come.
with entries as (

    select
        *,
        {{ month_of('event_date') }} as entry_month
    from {{ ref('fct_subscription_event') }}
    where is_new

),

parameters as (

    select
        valid_from,
        valid_to,
        parameter_value as kept_months
    from {{ ref('parameters') }}
    where parameter_code = 'kept_months'

),

judged as (

    select
        entries.*,
        {{ add_days(add_months('entries.entry_month', 'parameters.kept_months'), -1) }} as kept_on
    from entries
    left join parameters on {{ valid_on('parameters', 'entries.event_date') }}

),

replaced as (

    select * from {{ ref('fct_re_entry') }}
    where replacement_kind_code = 'whole'

),

last_day as (

    select max(snapshot_date) as snapshot_date from {{ ref('fct_subscription_day') }}

),

kept as (

    select
        judged.subscription_id,
        kept_days.is_counted
    from judged
    inner join {{ ref('fct_subscription_day') }} as kept_days
        on judged.subscription_id = kept_days.subscription_id
        and judged.kept_on = kept_days.snapshot_date

),

used as (

    select
        judged.subscription_id,
        sum(use_days.record_count) as record_count
    from judged
    inner join {{ ref('fct_usage_day') }} as use_days
        on judged.subscription_id = use_days.subscription_id
        and judged.event_date <= use_days.event_date
        and {{ add_days('judged.event_date', 30) }} > use_days.event_date
    group by judged.subscription_id

),

earned as (

    select
        judged.subscription_id,
        sum(revenue.recognised_amt) as third_month_amt
    from judged
    inner join {{ ref('fct_revenue_month') }} as revenue
        on judged.subscription_id = revenue.subscription_id
        and revenue.revenue_month = {{ month_of('judged.kept_on') }}
    group by judged.subscription_id

)

select
    -- keys
    judged.subscription_key,
    judged.customer_key,
    judged.org_key,
    judged.offer_key,
    judged.entry_channel_key,
    judged.service_key,
    judged.subscription_id,
    replaced.replaced_subscription_id,

    -- attributes
    judged.event_type_code as entry_type_code,
    replaced.replaced_subscription_id is not null as is_reentry,
    case when judged.kept_on <= last_day.snapshot_date then coalesce(kept.is_counted, false) end as is_kept,
    case
        when {{ add_days('judged.event_date', 29) }} <= last_day.snapshot_date then coalesce(used.record_count, 0) = 0
    end as is_zero_use,

    -- measures
    cast(case when judged.kept_on <= last_day.snapshot_date then coalesce(earned.third_month_amt, 0) end
        as decimal(18, 2)) as third_month_amt,

    -- times
    judged.kept_on,
    judged.entry_month,
    judged.event_date as entry_date
from judged
cross join last_day
left join replaced on judged.subscription_id = replaced.subscription_id
left join kept on judged.subscription_id = kept.subscription_id
left join used on judged.subscription_id = used.subscription_id
left join earned on judged.subscription_id = earned.subscription_id
