-- One row per number of days without own use: how many prepaid subscriptions fell silent for that long, and how many of
-- them came back in the days after. The first number of days from which on fewer come back than the limit
-- (prepaid_reactivation_limit_pct) is chosen: who is silent for longer counts as lost. Only silences that could be
-- watched for prepaid_follow_days afterwards count; one that ends with a cancellation has not come back.
{{ config(alias='prepaid_silence') }}
{% set longest_days = 120 -%}

with rules as (

    {{ parameters_of(['prepaid_reactivation_limit_pct', 'prepaid_follow_days', 'churn_rate_least']) }}

),

feed as (

    select
        min(event_date) as start_date,
        max(event_date) as end_date
    from {{ ref('fct_communication_day') }}

),

prepaid as (

    select distinct
        subscriptions.subscription_id,
        subscriptions.opened_on
    from {{ ref('dim_subscription') }} as subscriptions
    inner join {{ ref('dim_account') }} as payers on subscriptions.account_id = payers.account_id
    where
        subscriptions.is_current and payers.is_current and payers.is_prepaid and not subscriptions.is_excluded
        and subscriptions.service_code = 'MOBILE'

),

leavers as (

    select
        subscription_id,
        max(left_on) as left_on
    from {{ ref('fct_leaver') }}
    group by subscription_id

),

-- Own use, and where a silence may begin without one: the opening, at the earliest the first day of usage seen.
use_days as (

    select
        used.subscription_id,
        used.event_date
    from {{ ref('fct_communication_day') }} as used
    inner join prepaid on used.subscription_id = prepaid.subscription_id
    where used.is_communicating

    union

    select
        prepaid.subscription_id,
        greatest(prepaid.opened_on, feed.start_date) as event_date
    from prepaid
    cross join feed
    where prepaid.opened_on is not null

),

uses as (

    select
        subscription_id,
        event_date as last_used_on,
        lead(event_date) over (partition by subscription_id order by event_date) as next_used_on
    from use_days

),

gaps as (

    select
        {{ days_between('uses.last_used_on', 'uses.next_used_on') }} as back_days,
        {{ days_between('uses.last_used_on', 'leavers.left_on') }} as left_days,
        {{ days_between('uses.last_used_on', 'feed.end_date') }} as seen_days,
        count(*) as gap_count
    from uses
    cross join feed
    left join leavers on uses.subscription_id = leavers.subscription_id and uses.last_used_on <= leavers.left_on
    where coalesce({{ days_between('uses.last_used_on', 'uses.next_used_on') }}, 2) > 1
    group by
        {{ days_between('uses.last_used_on', 'uses.next_used_on') }},
        {{ days_between('uses.last_used_on', 'leavers.left_on') }},
        {{ days_between('uses.last_used_on', 'feed.end_date') }}

),

lengths as (

    select cast(row_number() over (order by calendar_date) as int) as silence_days
    from {{ ref('dim_date') }}

),

counted as (

    select
        lengths.silence_days,
        cast(coalesce(sum(gaps.gap_count), 0) as bigint) as silence_count,
        cast(coalesce(sum(case
            when gaps.back_days <= lengths.silence_days + rules.prepaid_follow_days then gaps.gap_count
        end), 0) as bigint) as returned_count
    from lengths
    cross join rules
    left join gaps on gaps.seen_days >= lengths.silence_days + rules.prepaid_follow_days
        and coalesce(gaps.back_days, gaps.seen_days) >= lengths.silence_days
        and coalesce(gaps.left_days, gaps.seen_days) >= lengths.silence_days
    where lengths.silence_days <= {{ longest_days }}
    group by lengths.silence_days

),

judged as (

    select
        counted.*,
        counted.silence_count >= rules.churn_rate_least as is_enough,
        counted.silence_count >= rules.churn_rate_least
            and 100 * counted.returned_count < rules.prepaid_reactivation_limit_pct * counted.silence_count as is_below
    from counted
    cross join rules

),

-- From the chosen number on the share stays below the limit wherever enough was seen.
last_above as (

    select coalesce(max(case when is_enough and not is_below then silence_days end), 0) as silence_days
    from judged

),

chosen as (

    select min(judged.silence_days) as silence_days
    from judged
    cross join last_above
    where judged.is_below and judged.silence_days > last_above.silence_days

)

select
    -- keys
    judged.silence_days,

    -- attributes
    coalesce(judged.silence_days = chosen.silence_days, false) as is_chosen,
    'silence' as grain,
    'wilson' as method,  -- noqa: RF04
    case when judged.is_enough then 'ok' else 'low_n' end as status,

    -- measures
    judged.returned_count,
    judged.silence_count as n_obs,
    {%- for name, value in {
        'estimate': 'cast(judged.returned_count as double) / nullif(judged.silence_count, 0)',
        'ci_low': wilson('judged.returned_count', 'judged.silence_count', -1),
        'ci_high': wilson('judged.returned_count', 'judged.silence_count', 1),
    }.items() %}
    case when judged.is_enough then {{ value }} end as {{ name }},
    {%- endfor %}
    cast(0.95 as decimal(3, 2)) as ci_level,

    -- times
    feed.end_date as as_of_date
from judged
cross join feed
cross join chosen
