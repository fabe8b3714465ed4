-- One row per number of another network and month in which it was seen in our records, or not seen any more after a
-- month in which it was. A number belongs to the city of the subscription that met it first, so that it never moves.
with seen as (

    select
        *,
        lag(seen_month) over (
            partition by counterpart_token, counterpart_operator_code order by seen_month
        ) as last_month,
        lead(seen_month) over (
            partition by counterpart_token, counterpart_operator_code order by seen_month
        ) as next_month,
        first_value(first_org_key) over (
            partition by counterpart_token, counterpart_operator_code order by seen_month
        ) as home_org_key
    from {{ ref('int_competitor_number_month') }}

),

newest as (

    select max(seen_month) as seen_month from seen

),

reached as (

    select
        counterpart_token,
        counterpart_operator_code,
        counterpart_operator_key,
        home_org_key,
        true as is_reached,
        last_month is null as is_new,
        coalesce(last_month < {{ add_months('seen_month', -1) }}, false) as is_regained,
        false as is_lost,
        record_count,
        own_subscription_count,
        duration_s,
        billed_minutes,
        first_seen_date,
        last_seen_date,
        seen_month as number_month
    from seen

),

lost as (

    select
        seen.counterpart_token,
        seen.counterpart_operator_code,
        seen.counterpart_operator_key,
        seen.home_org_key,
        false as is_reached,
        false as is_new,
        false as is_regained,
        true as is_lost,
        cast(0 as bigint) as record_count,
        cast(0 as bigint) as own_subscription_count,
        cast(0 as bigint) as duration_s,
        cast(0 as bigint) as billed_minutes,
        cast(null as date) as first_seen_date,
        cast(null as date) as last_seen_date,
        {{ add_months('seen.seen_month', 1) }} as number_month
    from seen
    cross join newest
    where
        seen.seen_month < newest.seen_month
        and (seen.next_month is null or seen.next_month > {{ add_months('seen.seen_month', 1) }})

),

numbers as (

    select * from reached
    union all
    select * from lost

),

homes as (

    select * from {{ ref('dim_org') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

)

select
    -- keys
    {{ surrogate_key(['numbers.counterpart_token', 'numbers.counterpart_operator_code', 'numbers.number_month']) }}
        as competitor_number_key,
    numbers.counterpart_operator_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    numbers.counterpart_token,
    numbers.counterpart_operator_code,
    coalesce(homes.org_id, '?') as org_id,

    -- attributes
    numbers.is_reached,
    numbers.is_new,
    numbers.is_regained,
    numbers.is_lost,

    -- measures
    numbers.record_count,
    numbers.own_subscription_count,
    numbers.duration_s,
    numbers.billed_minutes,

    -- times
    numbers.first_seen_date,
    numbers.last_seen_date,
    numbers.number_month
from numbers
left join homes on numbers.home_org_key = homes.org_key
left join orgs on homes.org_id = orgs.org_id
    and {{ valid_on('orgs', add_days(add_months('numbers.number_month', 1), -1)) }}
