-- One row per usage record that costs something else than its tariff says, or was rated by a version not in force.
-- Expected: units beyond the included ones x price of the component in the version of the day x multiple of the usage
-- type, half up to fen per record. Minutes are rounded up per call; being called is free.
with events as (

    select * from {{ ref('fct_usage_event') }}
    where direction_code in ('MO', 'NONE') and {{ since_window('file_date') }}

),

usage_types as (

    select * from {{ ref('usage_types') }}
    where tariff_component_code is not null

),

subscriptions as (

    select * from {{ ref('dim_subscription') }}

),

tariffs as (

    select * from {{ ref('dim_tariff_version') }}

),

priced as (

    select
        events.*,
        subscriptions.offer_id,
        tariffs.tariff_version as version_in_force,
        cast(tariffs.unit_price_amt * 100 as double) * cast(usage_types.price_multiple as double) as unit_price_fen,
        case usage_types.tariff_component_code
            when 'VOICE' then cast(events.billed_minutes as double) - cast(events.free_unit_used as double) / 60
            when 'SMS' then cast(1 as double) - cast(events.free_unit_used as double)
            else cast(events.up_bytes + events.down_bytes - events.free_unit_used as double) / 1048576
        end as priced_units
    from events
    inner join usage_types on events.usage_type_code = usage_types.usage_type_code
    inner join subscriptions on events.subscription_key = subscriptions.subscription_key
    inner join tariffs on subscriptions.offer_id = tariffs.offer_id
        and usage_types.tariff_component_code = tariffs.component_code
        and {{ valid_on('tariffs', 'events.event_date') }}

),

rated_again as (

    select
        *,
        cast(cast(floor(priced_units * unit_price_fen + 0.5) as bigint) * 0.01 as decimal(18, 2)) as expected_amt
    from priced

)

select
    -- keys
    usage_event_key,
    subscription_key,
    org_key,
    subscription_id,
    record_kind_code,
    record_id,

    -- attributes
    offer_id,
    usage_type_code,
    case
        when tariff_version <> version_in_force then 'WRONG_VERSION'
        when rated_amt = 0 then 'UNRATED'
        else 'OTHER'
    end as difference_kind_code,
    tariff_version,
    version_in_force,

    -- measures
    expected_amt,
    rated_amt,
    cast(expected_amt - rated_amt as decimal(18, 2)) as difference_amt,

    -- times and lineage
    event_date,
    file_date
from rated_again
where expected_amt <> rated_amt or tariff_version <> version_in_force
