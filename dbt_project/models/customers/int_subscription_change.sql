-- One row per state change of a subscription, and one for the state in which a subscription was first
-- listed when no change explains it.
-- A change counts on its own local day. A change that comes late counts on the day of its file instead:
-- a later file can never change a day that is already closed. What stands in the list of the first day
-- was there before: stock, not new.
with delivered_changes as (

    select
        subscription_id,
        effective_at,
        effective_at_local,
        status_code as state_code,
        reason_code,
        source_file,
        line_number,
        file_date,
        row_number() over (
            partition by subscription_id, effective_at, status_code order by file_date, source_file, line_number
        ) as copy_number,
        count(*) over (partition by subscription_id, effective_at, status_code) as delivered_count
    from {{ ref('stg_billing__subscription_status') }}

),

listed as (

    select
        *,
        row_number() over (partition by subscription_id order by file_date, source_file, line_number) as listing_number
    from {{ ref('stg_billing__subscription') }}

),

list_start as (

    select min(file_date) as list_start_date from listed

),

dated_changes as (

    select
        delivered_changes.*,
        case
            when delivered_changes.file_date = list_start.list_start_date
                then cast(delivered_changes.effective_at_local as date)
            else greatest(cast(delivered_changes.effective_at_local as date), delivered_changes.file_date)
        end as change_date
    from delivered_changes
    cross join list_start
    where delivered_changes.copy_number = 1

),

first_changes as (

    select
        subscription_id,
        change_date,
        reason_code,
        row_number() over (partition by subscription_id order by change_date, effective_at, state_code) as change_number
    from dated_changes

),

first_listings as (

    select
        listed.subscription_id,
        listed.status_code,
        listed.opened_at,
        listed.opened_at_local,
        listed.source_file,
        listed.line_number,
        listed.file_date,
        listed.file_date = list_start.list_start_date
            and cast(listed.opened_at_local as date) < list_start.list_start_date as is_stock,
        first_changes.change_date as first_change_date,
        first_changes.reason_code as first_reason_code
    from listed
    cross join list_start
    left join first_changes on listed.subscription_id = first_changes.subscription_id
        and first_changes.change_number = 1
    where listed.listing_number = 1

),

-- A list shows the end of its day. Of stock that changed on the very first day, the state before is not
-- delivered: it had not been used yet if the change is its first use, else it was active.
first_states as (

    select
        subscription_id,
        opened_at as effective_at,
        opened_at_local as effective_at_local,
        case
            when first_change_date is null or first_change_date > file_date then status_code
            when first_reason_code = 'FIRST_USE' then '1030'
            else '1000'
        end as state_code,
        cast(null as string) as reason_code,
        is_stock,
        case when is_stock then cast('1900-01-01' as date) else file_date end as change_date,
        source_file,
        line_number,
        file_date
    from first_listings
    where
        first_change_date is null
        or first_change_date > file_date
        or (is_stock and first_change_date = file_date)

),

all_changes as (

    select
        subscription_id,
        'status' as source_code,
        state_code,
        reason_code,
        false as is_stock,
        delivered_count,
        change_date,
        effective_at,
        effective_at_local,
        source_file,
        line_number,
        file_date
    from dated_changes

    union all

    select
        subscription_id,
        'list' as source_code,
        state_code,
        reason_code,
        is_stock,
        cast(0 as bigint) as delivered_count,
        change_date,
        effective_at,
        effective_at_local,
        source_file,
        line_number,
        file_date
    from first_states

),

-- A late change whose successor already counts is kept, but changes no state any more.
ordered as (

    select
        *,
        effective_at < max(effective_at) over (
            partition by subscription_id
            order by change_date, effective_at, file_date, source_file, line_number
            rows between unbounded preceding and current row
        ) as is_overtaken
    from all_changes

)

select
    -- keys
    {{ surrogate_key(['subscription_id', 'source_code', 'effective_at', 'state_code']) }} as subscription_change_key,
    subscription_id,
    source_code,

    -- attributes
    state_code,
    case
        when not is_overtaken then lag(state_code) over (
            partition by subscription_id, is_overtaken
            order by change_date, effective_at, file_date, source_file, line_number
        )
    end as previous_state_code,
    reason_code,
    is_stock,
    is_overtaken,
    not is_overtaken and lead(change_date) over (
        partition by subscription_id, is_overtaken
        order by change_date, effective_at, file_date, source_file, line_number
    ) is distinct from change_date as is_last_of_day,

    -- measures
    delivered_count,

    -- times and lineage
    change_date,
    effective_at,
    effective_at_local,
    source_file,
    line_number,
    file_date
from ordered
