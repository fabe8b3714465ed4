-- One row per number that an agent brought since the first list, accumulating: opened, active, left; its use in the
-- watched days after the opening, its bills, and the commission paid for it against the rules. A number is suspected
-- of farming when it was used on no more than farming_use_days of the watched days. Judged = watched to the end.
with parameters as (

    select
        max(case when parameter_code = 'dealer_keep_days' then parameter_value end) as keep_days,
        max(case when parameter_code = 'dealer_activate_amt' then parameter_value end) as activate_amt,
        max(case when parameter_code = 'dealer_stay_amt' then parameter_value end) as stay_amt,
        max(case when parameter_code = 'farming_watch_days' then parameter_value end) as watch_days,
        max(case when parameter_code = 'farming_use_days' then parameter_value end) as use_days
    from {{ ref('parameters') }}
    where valid_to = cast('9999-12-31' as date)

),

bounds as (

    select
        min(snapshot_date) as first_date,
        max(snapshot_date) as last_date
    from {{ ref('fct_subscription_flow_day') }}

),

channels as (

    select * from {{ ref('dim_channel') }}
    where channel_type_code = 'AGENT'

),

brought as (

    select
        versions.subscription_id,
        versions.subscription_key,
        versions.customer_id,
        versions.org_id,
        versions.service_code,
        versions.is_excluded,
        versions.opened_on,
        cast(versions.first_used_at_local as date) as active_on,
        channels.channel_key,
        channels.channel_id,
        channels.dealer_id,
        bounds.last_date
    from {{ ref('dim_subscription') }} as versions
    inner join channels on versions.channel_id = channels.channel_id
    cross join bounds
    where versions.is_current and versions.opened_on > bounds.first_date

),

ends as (

    select
        subscription_id,
        min(event_date) as left_on
    from {{ ref('fct_subscription_event') }}
    where to_state_code in ('2010', '2020', '2040')
    group by subscription_id

),

used as (

    select
        brought.subscription_id,
        count(distinct usage_days.event_date) as use_day_count,
        sum(usage_days.record_count) as record_count
    from brought
    cross join parameters
    inner join {{ ref('fct_usage_day') }} as usage_days on brought.subscription_id = usage_days.subscription_id
        and brought.opened_on <= usage_days.event_date
        and usage_days.event_date < {{ add_days('brought.opened_on', 'parameters.watch_days') }}
    group by brought.subscription_id

),

billed as (

    select
        subscription_id,
        sum(net_amt) as net_amt
    from {{ ref('fct_revenue_month') }}
    group by subscription_id

),

paid as (

    select
        dealer_id,
        subscription_id,
        sum(commission_amt) as commission_amt,
        sum(case when rule_code = 'ACTIVATE' then commission_amt else 0 end) as activate_amt,
        sum(case when rule_code = 'STAY' then commission_amt else 0 end) as stay_amt,
        sum(case when rule_code = 'CLAWBACK' then -commission_amt else 0 end) as clawback_amt
    from {{ ref('fct_dealer_commission') }}
    group by dealer_id, subscription_id

),

joined as (

    select
        brought.*,
        parameters.watch_days,
        parameters.use_days,
        ends.left_on,
        {{ add_days('brought.opened_on', 'parameters.watch_days') }} as watched_until,
        {{ add_days('brought.opened_on', 'parameters.keep_days') }} as kept_until,
        coalesce(used.use_day_count, 0) as use_day_count,
        coalesce(used.record_count, 0) as record_count,
        coalesce(billed.net_amt, 0) as net_amt,
        coalesce(paid.commission_amt, 0) as commission_amt,
        coalesce(paid.activate_amt, 0) as paid_activate_amt,
        coalesce(paid.stay_amt, 0) as paid_stay_amt,
        coalesce(paid.clawback_amt, 0) as paid_clawback_amt,
        parameters.activate_amt as rule_activate_amt,
        parameters.stay_amt as rule_stay_amt
    from brought
    cross join parameters
    left join ends on brought.subscription_id = ends.subscription_id
    left join used on brought.subscription_id = used.subscription_id
    left join billed on brought.subscription_id = billed.subscription_id
    left join paid on brought.subscription_id = paid.subscription_id and brought.dealer_id = paid.dealer_id

),

judged as (

    select
        *,
        active_on is not null and watched_until <= {{ add_days('last_date', 1) }} as is_judged,
        coalesce(left_on < kept_until, false) as is_lost_early,
        kept_until <= last_date and coalesce(left_on >= kept_until, true) and active_on is not null as is_kept
    from joined

),

partners as (

    select * from {{ ref('dim_partner') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

)

select
    -- keys
    coalesce(partners.partner_key, {{ unknown_key() }}) as partner_key,
    judged.channel_key,
    judged.subscription_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    judged.dealer_id,
    judged.subscription_id,
    judged.org_id,

    -- attributes
    judged.service_code,
    judged.is_excluded,
    judged.is_judged,
    judged.is_judged and judged.use_day_count <= judged.use_days
    and coalesce(judged.left_on >= judged.watched_until, true) as is_suspected_farming,
    judged.is_lost_early,
    judged.is_kept,

    -- measures
    cast(judged.use_day_count as bigint) as use_day_count,
    cast(judged.record_count as bigint) as record_count,
    cast(judged.net_amt as decimal(18, 2)) as net_amt,
    cast(judged.commission_amt as decimal(18, 2)) as commission_amt,
    cast(case when judged.active_on is not null then judged.rule_activate_amt else 0 end
        - judged.paid_activate_amt as decimal(18, 2)) as activate_difference_amt,
    cast(case when judged.is_kept then judged.rule_stay_amt else 0 end
        - judged.paid_stay_amt as decimal(18, 2)) as stay_difference_amt,
    cast(case when judged.active_on is not null and judged.is_lost_early then judged.rule_activate_amt else 0 end
        - judged.paid_clawback_amt as decimal(18, 2)) as clawback_missing_amt,
    'CNY' as currency_code,

    -- times
    judged.opened_on,
    judged.active_on,
    judged.left_on,
    judged.watched_until,
    {{ month_of('judged.opened_on') }} as opened_month
from judged
left join partners on judged.dealer_id = partners.partner_id and {{ valid_on('partners', 'judged.opened_on') }}
left join customers on judged.customer_id = customers.customer_id and {{ valid_on('customers', 'judged.opened_on') }}
left join orgs on judged.org_id = orgs.org_id and {{ valid_on('orgs', 'judged.opened_on') }}
