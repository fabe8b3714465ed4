-- One row per tariff component, offer, segment, city and as-of month since somebody of the cell was first seen: what
-- was used, at which price of one more unit, who came and went. Months without use or subscriptions stay, with 0. Only
-- files that had come by the cut-off of the month count. The price is that of the dated tariff version, never revenue
-- divided by use; what was rated stands beside it.
{% set quantities = {'VOICE': 'originated_minutes', 'SMS': 'originated_messages', 'DATA': 'volume_bytes'} -%}
{% set flows = ['subscription_count', 'new_count', 'joined_count'] -%}
{% set flows_before = ['before_count', 'left_count', 'moved_count'] -%}
with months as (

    select
        as_of_month,
        as_of_date
    from {{ ref('feature_as_of') }}
    where is_closed and ({{ since_window('as_of_date', lookback_days=10) }} {{ not_there_yet('as_of_date') }})

),

people as (

    select
        subscription_id,
        offer_id,
        coalesce(customer_type_code, '?') as segment_code,
        coalesce(org_id, '?') as org_id,
        as_of_month
    from {{ ref('feature_subscription_month') }}

),

seen as (

    select
        offer_id,
        segment_code,
        org_id,
        min(as_of_month) as first_month
    from people
    group by offer_id, segment_code, org_id

),

steps as (

    select
        people.as_of_month,
        people.subscription_id,
        people.offer_id,
        people.segment_code,
        people.org_id,
        cast(null as string) as offer_before_id,
        cast(null as string) as segment_before_code,
        cast(null as string) as org_before_id
    from people
    inner join months on people.as_of_month = months.as_of_month
    union all
    select
        months.as_of_month,
        people.subscription_id,
        cast(null as string) as offer_id,
        cast(null as string) as segment_code,
        cast(null as string) as org_id,
        people.offer_id as offer_before_id,
        people.segment_code as segment_before_code,
        people.org_id as org_before_id
    from people
    inner join months on {{ add_months('people.as_of_month', 1) }} = months.as_of_month

),

moves as (

    select
        as_of_month,
        subscription_id,
        max(offer_id) as offer_id,
        max(segment_code) as segment_code,
        max(org_id) as org_id,
        max(offer_before_id) as offer_before_id,
        max(segment_before_code) as segment_before_code,
        max(org_before_id) as org_before_id
    from steps
    group by as_of_month, subscription_id

),

here as (

    select
        as_of_month,
        offer_id,
        segment_code,
        org_id,
        count(*) as subscription_count,
        count(case when offer_before_id is null then 1 end) as new_count,
        count(case when offer_before_id <> offer_id then 1 end) as joined_count
    from moves
    where offer_id is not null
    group by as_of_month, offer_id, segment_code, org_id

),

there as (

    select
        as_of_month,
        offer_before_id as offer_id,
        segment_before_code as segment_code,
        org_before_id as org_id,
        count(*) as before_count,
        count(case when offer_id is null then 1 end) as left_count,
        count(case when offer_before_id <> offer_id then 1 end) as moved_count
    from moves
    where offer_before_id is not null
    group by as_of_month, offer_before_id, segment_before_code, org_before_id

),

uses as (

    select
        months.as_of_month,
        monthly.subscription_id,
        sum(monthly.originated_minutes) as originated_minutes,
        sum(monthly.originated_messages) as originated_messages,
        sum(monthly.volume_bytes) as volume_bytes,
        sum(monthly.call_count) as call_count,
        sum(monthly.rival_call_count) as rival_call_count,
        {%- for component in quantities %}
        sum(monthly.{{ component | lower }}_rated_amt) as {{ component | lower }}_rated_amt{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('feature_usage_month') }} as monthly
    inner join months on monthly.event_month = months.as_of_month and monthly.known_month <= months.as_of_month
    group by months.as_of_month, monthly.subscription_id

),

tariffs as (

    select * from {{ ref('feature_tariff_month') }}

),

spent as (

    select
        people.as_of_month,
        people.offer_id,
        people.segment_code,
        people.org_id,
        tariffs.component_code,
        case tariffs.component_code
            {%- for component, quantity in quantities.items() %}
            when '{{ component }}' then uses.{{ quantity }}
            {%- endfor %}
        end as units,
        case when tariffs.component_code = 'DATA' then 1048576 else 1 end as units_of_quantity,
        case tariffs.component_code
            {%- for component in quantities %}
            when '{{ component }}' then uses.{{ component | lower }}_rated_amt
            {%- endfor %}
        end as rated_amt,
        cast(tariffs.included_quantity as double) as included_quantity,
        uses.call_count,
        uses.rival_call_count
    from people
    inner join uses on people.as_of_month = uses.as_of_month and people.subscription_id = uses.subscription_id
    inner join tariffs on people.as_of_month = tariffs.as_of_month and people.offer_id = tariffs.offer_id

),

used as (

    select
        as_of_month,
        offer_id,
        segment_code,
        org_id,
        component_code,
        cast(sum(units) as double) / max(units_of_quantity) as quantity,
        count(case when units > 0 then 1 end) as user_count,
        count(case when units > included_quantity * units_of_quantity then 1 end) as beyond_count,
        cast(sum(rated_amt) as decimal(18, 2)) as rated_amt,
        cast(sum(call_count) as bigint) as call_count,
        cast(sum(rival_call_count) as bigint) as rival_call_count
    from spent
    group by as_of_month, offer_id, segment_code, org_id, component_code

),

prices as (

    select
        as_of_month,
        offer_id,
        {%- for component in quantities %}
        max(case when component_code = '{{ component }}' then unit_price_amt end) as {{ component | lower }}_price_amt,
        {%- endfor %}
        max(case when component_code = 'RENTAL' then unit_price_amt end) as rental_amt
    from tariffs
    group by as_of_month, offer_id

),

event_rows as (

    {{ known_rows('crm__policy_event', ['event_id', 'operator_code', 'price_change_share', 'valid_from']) }}

),

newest_events as (

    {{ newest_known('event_rows', 'event_id', ['operator_code', 'price_change_share', 'valid_from'], 'months') }}

),

events as (

    select
        newest_events.as_of_month,
        count(*) as policy_event_count,
        min(case when not operators.is_own then newest_events.price_change_share end) as rival_price_change_share
    from newest_events
    left join {{ ref('operators') }} as operators on newest_events.operator_code = operators.operator_code
    where {{ month_of('newest_events.valid_from') }} = newest_events.as_of_month
    group by newest_events.as_of_month

),

rates as (

    select * from {{ ref('interconnect_rates') }}
    where operator_type_code = 'mobile' and direction_code = 'OUT'

)

select
    -- keys
    tariffs.offer_id,
    tariffs.component_code,
    seen.segment_code,
    seen.org_id,

    -- attributes
    tariffs.unit_code,
    tariffs.is_mixed,

    -- measures
    coalesce(used.quantity, 0) as quantity,
    coalesce(used.user_count, 0) as user_count,
    coalesce(used.beyond_count, 0) as beyond_count,
    coalesce(used.rated_amt, 0) as rated_amt,
    {%- for measure in flows %}
    coalesce(here.{{ measure }}, 0) as {{ measure }},
    {%- endfor %}
    {%- for measure in flows_before %}
    coalesce(there.{{ measure }}, 0) as {{ measure }},
    {%- endfor %}
    coalesce(used.call_count, 0) as call_count,
    coalesce(used.rival_call_count, 0) as rival_call_count,
    tariffs.unit_price_amt,
    tariffs.included_quantity,
    {%- for component in quantities %}
    prices.{{ component | lower }}_price_amt,
    {%- endfor %}
    prices.rental_amt,
    rates.rate_amt as interconnect_rate_amt,
    coalesce(events.policy_event_count, 0) as policy_event_count,
    coalesce(events.rival_price_change_share, 0) as rival_price_change_share,

    -- times
    tariffs.price_changed_on,
    months.as_of_month,
    months.as_of_date
from months
inner join seen on months.as_of_month >= seen.first_month
inner join tariffs on months.as_of_month = tariffs.as_of_month and seen.offer_id = tariffs.offer_id
    and tariffs.component_code in ('VOICE', 'SMS', 'DATA')
inner join prices on months.as_of_month = prices.as_of_month and seen.offer_id = prices.offer_id
left join used on months.as_of_month = used.as_of_month and seen.offer_id = used.offer_id
    and seen.segment_code = used.segment_code and seen.org_id = used.org_id
    and tariffs.component_code = used.component_code
left join here on months.as_of_month = here.as_of_month and seen.offer_id = here.offer_id
    and seen.segment_code = here.segment_code and seen.org_id = here.org_id
left join there on months.as_of_month = there.as_of_month and seen.offer_id = there.offer_id
    and seen.segment_code = there.segment_code and seen.org_id = there.org_id
left join events on months.as_of_month = events.as_of_month
left join rates on tariffs.component_code = rates.service_code and {{ valid_on('rates', 'months.as_of_date') }}
