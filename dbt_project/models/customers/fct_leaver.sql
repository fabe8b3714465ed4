-- One row per subscription and day on which it left: how, for what stated reason, and where to. Direction by the best
-- evidence: port = the operator that took the number; circle = a number of a rival, first seen within `circle_days`
-- after leaving, that at least `circle_friends` of the numbers called before now talk to (of several leavers and
-- numbers those that fit each other best); re_entry = the customer kept another number of ours; none = not known.
{{ config(enabled=theme_is_on('customers') and theme_is_on('usage')) }}

with rules as (

    select
        max(case when parameter_code = 'circle_days' then cast(parameter_value as int) end) as circle_days,
        max(case when parameter_code = 'circle_friends' then cast(parameter_value as int) end) as circle_friends
    from {{ ref('parameters') }}
    where valid_to = cast('9999-12-31' as date)

),

events as (

    select
        *,
        case when event_type_code = 'CANCEL_VOLUNTARY' then subscription_id end as voluntary_subscription_id
    from {{ ref('fct_subscription_event') }}
    where event_type_code in ('CANCEL_VOLUNTARY', 'CANCEL_INVOLUNTARY', 'PORT_OUT') and not is_overtaken

),

operators as (

    select * from {{ ref('dim_operator') }}

),

re_entries as (

    select
        replaced_subscription_id,
        max(subscription_id) as new_subscription_id
    from {{ ref('fct_re_entry') }}
    where replacement_kind_code = 'whole'
    group by replaced_subscription_id

),

seekers as (

    select
        subscription_id,
        event_date as left_on
    from events
    where event_type_code = 'CANCEL_VOLUNTARY' and not is_excluded

),

calls as (

    select
        subscription_id,
        counterpart_token,
        counterpart_operator_code,
        event_date
    from {{ ref('fct_usage_event') }}
    where record_kind_code = 'rated_voice' and counterpart_token is not null

),

numbers as (

    select
        number_token,
        max(subscription_id) as subscription_id
    from {{ ref('dim_subscription') }}
    where is_current
    group by number_token

),

-- Our subscriptions that a leaver used to talk to.
friends as (

    select distinct
        seekers.subscription_id,
        seekers.left_on,
        numbers.subscription_id as friend_id
    from seekers
    inner join calls on seekers.subscription_id = calls.subscription_id
    inner join numbers on calls.counterpart_token = numbers.number_token
    cross join rules
    where
        calls.event_date >= {{ add_days('seekers.left_on', '-rules.circle_days') }}
        and calls.event_date <= seekers.left_on

),

circle_sizes as (

    select
        subscription_id,
        count(*) as friend_count
    from friends
    group by subscription_id

),

first_seen as (

    select
        calls.counterpart_token,
        calls.counterpart_operator_code,
        min(calls.event_date) as first_seen_on,
        count(distinct calls.subscription_id) as caller_count
    from calls
    inner join operators on calls.counterpart_operator_code = operators.operator_code
    where operators.operator_type_code = 'mobile' and not operators.is_own
    group by calls.counterpart_token, calls.counterpart_operator_code

),

-- A number that only one of ours talks to is nobody's new number for a circle.
contacts as (

    select distinct
        calls.subscription_id as friend_id,
        calls.counterpart_token,
        calls.counterpart_operator_code,
        first_seen.first_seen_on,
        first_seen.caller_count
    from calls
    inner join first_seen on calls.counterpart_token = first_seen.counterpart_token
        and calls.counterpart_operator_code = first_seen.counterpart_operator_code
    cross join rules
    where first_seen.caller_count >= rules.circle_friends

),

matches as (

    select
        friends.subscription_id,
        contacts.counterpart_token,
        contacts.counterpart_operator_code,
        contacts.caller_count,
        count(*) as match_count
    from friends
    inner join contacts on friends.friend_id = contacts.friend_id
    cross join rules
    where
        contacts.first_seen_on > friends.left_on
        and contacts.first_seen_on <= {{ add_days('friends.left_on', 'rules.circle_days') }}
    group by
        friends.subscription_id, contacts.counterpart_token, contacts.counterpart_operator_code, contacts.caller_count

),

scored as (

    select
        matches.*,
        cast(matches.match_count * matches.match_count as double)
            / (matches.caller_count * circle_sizes.friend_count) as fit_share
    from matches
    inner join circle_sizes on matches.subscription_id = circle_sizes.subscription_id
    cross join rules
    where matches.match_count >= rules.circle_friends

),

ranked as (

    select
        *,
        row_number() over (
            partition by subscription_id order by fit_share desc, match_count desc, counterpart_token
        ) as number_rank,
        row_number() over (
            partition by counterpart_token order by fit_share desc, match_count desc, subscription_id
        ) as leaver_rank
    from scored

),

circles as (

    select * from ranked
    where number_rank = 1 and leaver_rank = 1

),

directed as (

    select
        events.*,
        case
            when operators.operator_code is not null and events.event_type_code = 'PORT_OUT' then 'port'
            when re_entries.new_subscription_id is not null then 're_entry'
            when circles.counterpart_token is not null then 'circle'
            else 'none'
        end as direction_evidence_code,
        case
            when events.event_type_code = 'PORT_OUT' then operators.operator_code
            when re_entries.new_subscription_id is not null then 'OWN'
            else circles.counterpart_operator_code
        end as direction_operator_code,
        re_entries.new_subscription_id,
        circles.counterpart_token,
        coalesce(circles.match_count, 0) as circle_match_count
    from events
    left join operators on events.operator_key = operators.operator_key and operators.operator_code <> '?'
    left join re_entries on events.voluntary_subscription_id = re_entries.replaced_subscription_id
    left join circles on events.voluntary_subscription_id = circles.subscription_id

)

select
    -- keys
    directed.subscription_event_key,
    directed.subscription_key,
    directed.customer_key,
    directed.account_key,
    directed.org_key,
    directed.offer_key,
    directed.entry_channel_key,
    directed.reason_key,
    coalesce(directions.operator_key, {{ unknown_key() }}) as direction_operator_key,
    directed.subscription_id,
    directed.new_subscription_id,

    -- attributes
    case directed.event_type_code
        when 'CANCEL_VOLUNTARY' then 'voluntary'
        when 'CANCEL_INVOLUNTARY' then 'involuntary'
        else 'port_out'
    end as leave_kind_code,
    directed.reason_code,
    coalesce(directed.direction_operator_code, '?') as direction_operator_code,
    directed.direction_evidence_code,
    directed.counterpart_token as rival_number_token,
    directed.is_left as is_counted,
    directed.new_subscription_id is not null as is_replaced,

    -- measures
    {{ months_between('subscriptions.opened_on', 'directed.event_date') }} as tenure_months,
    directed.circle_match_count,

    -- times
    directed.event_date as left_on
from directed
left join {{ ref('dim_subscription') }} as subscriptions
    on directed.subscription_key = subscriptions.subscription_key
left join operators as directions on directed.direction_operator_code = directions.operator_code
