-- One row per mobile subscription that a customer opened in place of another one of the same city: wholly, when the
-- customer closes the other one at most `re_entry_days` before or after; in part, when the other one is kept but its
-- use ends within `replaced_use_days` of the opening and it falls silent. Test, data-only and machine cards are no
-- re-entries. Of several replaced ones the one nearest in time counts, a closed one first.
{{ config(enabled=theme_is_on('customers') and theme_is_on('usage')) }}

with rules as (

    select
        max(case when parameter_code = 're_entry_days' then cast(parameter_value as int) end) as re_entry_days,
        max(case when parameter_code = 'replaced_use_days' then cast(parameter_value as int) end) as replaced_use_days
    from {{ ref('parameters') }}
    where valid_to = cast('9999-12-31' as date)

),

mobiles as (

    select * from {{ ref('dim_subscription') }}
    where service_code = 'MOBILE' and not is_excluded

),

list_start as (

    select first_file_date as start_date from {{ ref('ops_feed') }}
    where contract_id = 'billing__subscription'

),

opened as (

    select
        mobiles.subscription_id,
        mobiles.subscription_key,
        mobiles.customer_id,
        mobiles.org_id,
        mobiles.channel_id,
        mobiles.opened_on
    from {{ ref('fct_subscription_event') }} as events
    inner join mobiles on events.subscription_key = mobiles.subscription_key
    inner join list_start on mobiles.opened_on >= list_start.start_date
    where events.is_new

),

closed as (

    select
        mobiles.subscription_id,
        mobiles.customer_id,
        mobiles.org_id,
        mobiles.opened_on,
        events.event_date as ended_on
    from {{ ref('fct_subscription_event') }} as events
    inner join mobiles on events.subscription_key = mobiles.subscription_key
    where events.event_type_code = 'CANCEL_VOLUNTARY'

),

silenced as (

    select
        mobiles.subscription_id,
        mobiles.customer_id,
        mobiles.org_id,
        mobiles.opened_on,
        periods.last_used_on as ended_on
    from {{ ref('fct_silent_period') }} as periods
    inner join mobiles on periods.subscription_id = mobiles.subscription_id and mobiles.is_current
    where periods.use_kind_code = 'ANY' and periods.is_open and mobiles.status_code = '1000'

),

candidates as (

    select
        opened.*,
        closed.subscription_id as replaced_subscription_id,
        'whole' as replacement_kind_code,
        closed.ended_on as replaced_ended_on
    from opened
    inner join closed on opened.customer_id = closed.customer_id and opened.org_id = closed.org_id
        and opened.opened_on > closed.opened_on
    cross join rules
    where abs({{ days_between('opened.opened_on', 'closed.ended_on') }}) <= rules.re_entry_days

    union all

    select
        opened.*,
        silenced.subscription_id as replaced_subscription_id,
        'part' as replacement_kind_code,
        silenced.ended_on as replaced_ended_on
    from opened
    inner join silenced on opened.customer_id = silenced.customer_id and opened.org_id = silenced.org_id
        and opened.opened_on > silenced.opened_on
    cross join rules
    where abs({{ days_between('opened.opened_on', 'silenced.ended_on') }}) <= rules.replaced_use_days

),

ranked as (

    select
        *,
        row_number() over (
            partition by subscription_id
            order by
                case replacement_kind_code when 'whole' then 1 else 2 end,
                abs({{ days_between('opened_on', 'replaced_ended_on') }}),
                replaced_ended_on,
                replaced_subscription_id
        ) as choice_number
    from candidates

)

select
    -- keys
    ranked.subscription_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(channels.channel_key, {{ unknown_key() }}) as entry_channel_key,
    ranked.subscription_id,
    ranked.replaced_subscription_id,
    ranked.customer_id,
    ranked.org_id,

    -- attributes
    ranked.replacement_kind_code,

    -- measures
    {{ days_between('ranked.opened_on', 'ranked.replaced_ended_on') }} as days_to_end,

    -- times
    ranked.opened_on,
    ranked.replaced_ended_on
from ranked
left join {{ ref('dim_customer') }} as customers on ranked.customer_id = customers.customer_id
    and {{ valid_on('customers', 'ranked.opened_on') }}
left join {{ ref('dim_org') }} as orgs on ranked.org_id = orgs.org_id and {{ valid_on('orgs', 'ranked.opened_on') }}
left join {{ ref('dim_channel') }} as channels on ranked.channel_id = channels.channel_id
where ranked.choice_number = 1
