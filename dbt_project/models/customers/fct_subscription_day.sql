-- One row per subscription and day, with the state at the end of the day; the day it leaves is its last row.
-- Counted = reached (state) and not excluded (test number, data-only card, machine). A day's flows compare
-- the end of the day with the end of the day before, so that in and out on one day is neither.
-- A state that no list knows is not reached and not left for good: out as a correction, until a known state follows.
-- A day depends on the files of its own and earlier days only.
with states as (

    select * from {{ ref('subscription_states') }}

),

changes as (

    select * from {{ ref('int_subscription_change') }}
    where is_last_of_day

),

versions as (

    select
        *,
        lag(is_excluded) over (partition by subscription_id order by valid_from) as previous_is_excluded,
        lag(org_id) over (partition by subscription_id order by valid_from) as previous_org_id
    from {{ ref('dim_subscription') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

-- A day exists when its files came, even if they were empty.
delivered_days as (

    select
        file_date,
        false as is_list
    from {{ ref('ops_file') }}
    where contract_id in ('billing__subscription', 'billing__subscription_status') and state = 'accepted'
    union all
    select distinct
        file_date,
        false as is_list
    from {{ ref('stg_billing__subscription_status') }}
    union all
    select distinct
        file_date,
        true as is_list
    from {{ ref('stg_billing__subscription') }}

),

bounds as (

    select
        min(case when is_list then file_date end) as first_date,
        max(file_date) as last_date
    from delivered_days

),

days as (

    select dates.calendar_date as snapshot_date
    from {{ ref('dim_date') }} as dates
    inner join bounds on dates.calendar_date >= bounds.first_date and dates.calendar_date <= bounds.last_date
    where {{ since_window('dates.calendar_date') }}

),

periods as (

    select
        changes.subscription_id,
        changes.state_code,
        coalesce(states.is_reached, false) as is_reached,
        coalesce(states.is_final, false) as is_final,
        coalesce(states.is_final or states.is_invalid, false) as is_gone,
        lag(coalesce(states.is_reached, false)) over (
            partition by changes.subscription_id order by changes.change_date
        ) as previous_is_reached,
        lag(coalesce(states.is_final, false)) over (
            partition by changes.subscription_id order by changes.change_date
        ) as previous_is_final,
        lag(coalesce(states.is_final or states.is_invalid, false)) over (
            partition by changes.subscription_id order by changes.change_date
        ) as previous_is_gone,
        min(case when states.is_reached then changes.change_date end) over (
            partition by changes.subscription_id
        ) as first_reached_date,
        changes.change_date as valid_from,
        coalesce(
            lead(changes.change_date) over (partition by changes.subscription_id order by changes.change_date),
            cast('9999-12-31' as date)
        ) as valid_to
    from changes
    left join states on changes.state_code = states.state_code

),

present as (

    select
        days.snapshot_date,
        periods.subscription_id,
        periods.state_code,
        periods.is_reached,
        periods.is_final,
        periods.first_reached_date,
        periods.previous_is_final,
        case
            when periods.valid_from = days.snapshot_date then coalesce(periods.previous_is_reached, false)
            else periods.is_reached
        end as was_reached
    from periods
    inner join days on {{ valid_on('periods', 'days.snapshot_date') }}
    where
        not periods.is_gone
        or (periods.valid_from = days.snapshot_date and not coalesce(periods.previous_is_gone, true))

),

counted as (

    select
        present.*,
        coalesce(versions.subscription_key, {{ unknown_key() }}) as subscription_key,
        coalesce(versions.org_id, '?') as org_id,
        coalesce(
            case
                when versions.valid_from = present.snapshot_date then versions.previous_org_id
                else versions.org_id
            end,
            '?'
        ) as opening_org_id,
        coalesce(versions.service_code, '?') as service_code,
        present.is_reached and not coalesce(versions.is_excluded, false) as is_counted,
        present.was_reached and not coalesce(
            case
                when versions.valid_from = present.snapshot_date then versions.previous_is_excluded
                else versions.is_excluded
            end,
            false
        ) as was_counted
    from present
    left join versions on present.subscription_id = versions.subscription_id
        and {{ valid_on('versions', 'present.snapshot_date') }}

),

flows as (

    select
        *,
        is_counted and not was_counted and first_reached_date = snapshot_date as is_new,
        is_counted and not was_counted and first_reached_date < snapshot_date
            and coalesce(previous_is_final, false) as is_regained,
        was_counted and not is_counted and is_final as is_left
    from counted

)

select
    -- keys
    flows.subscription_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    flows.subscription_id,
    flows.org_id,
    flows.opening_org_id,

    -- attributes
    flows.service_code,
    flows.state_code,
    flows.is_reached,
    flows.is_counted,
    flows.was_counted,
    flows.is_new,
    flows.is_regained,
    flows.is_left,
    flows.is_counted and not flows.was_counted and not flows.is_new and not flows.is_regained as is_corrected_in,
    flows.was_counted and not flows.is_counted and not flows.is_left as is_corrected_out,

    -- times
    flows.snapshot_date
from flows
left join orgs on flows.org_id = orgs.org_id
    and {{ valid_on('orgs', 'flows.snapshot_date') }}
