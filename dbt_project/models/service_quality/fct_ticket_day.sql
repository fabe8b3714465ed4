-- One row per city, ticket type and day since its first ticket: open at the start, opened, ended, open at the end.
-- Start and end count the tickets open at midnight, opened and ended count events; they must agree.
with tickets as (

    select
        org_id,
        ticket_type_code,
        opened_date,
        ended_date
    from {{ ref('fct_ticket') }}

),

days as (

    select dates.calendar_date
    from {{ ref('dim_date') }} as dates
    inner join {{ ref('ops_feed') }} as feeds on dates.calendar_date <= feeds.last_file_date
    where feeds.contract_id = 'call_center__ticket'

),

groups as (

    select
        org_id,
        ticket_type_code,
        min(opened_date) as first_date
    from tickets
    group by org_id, ticket_type_code

),

group_days as (

    select
        groups.org_id,
        groups.ticket_type_code,
        days.calendar_date as ticket_date,
        {{ add_days('days.calendar_date', -1) }} as last_date
    from groups
    inner join days on groups.first_date <= days.calendar_date

),

stocks as (

    select
        tickets.org_id,
        tickets.ticket_type_code,
        days.calendar_date,
        count(*) as open_count
    from tickets
    inner join days on tickets.opened_date <= days.calendar_date
        and (tickets.ended_date is null or tickets.ended_date > days.calendar_date)
    group by tickets.org_id, tickets.ticket_type_code, days.calendar_date

),

opened as (

    select
        org_id,
        ticket_type_code,
        opened_date,
        count(*) as opened_count
    from tickets
    group by org_id, ticket_type_code, opened_date

),

ended as (

    select
        org_id,
        ticket_type_code,
        ended_date,
        count(*) as ended_count
    from tickets
    where ended_date is not null
    group by org_id, ticket_type_code, ended_date

)

select
    -- keys
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    group_days.org_id,

    -- attributes
    group_days.ticket_type_code,

    -- measures
    coalesce(opening.open_count, 0) as opening_count,
    coalesce(opened.opened_count, 0) as opened_count,
    coalesce(ended.ended_count, 0) as ended_count,
    coalesce(closing.open_count, 0) as closing_count,

    -- times
    group_days.ticket_date
from group_days
left join stocks as opening on group_days.org_id = opening.org_id
    and group_days.ticket_type_code = opening.ticket_type_code and group_days.last_date = opening.calendar_date
left join opened on group_days.org_id = opened.org_id
    and group_days.ticket_type_code = opened.ticket_type_code and group_days.ticket_date = opened.opened_date
left join ended on group_days.org_id = ended.org_id
    and group_days.ticket_type_code = ended.ticket_type_code and group_days.ticket_date = ended.ended_date
left join stocks as closing on group_days.org_id = closing.org_id
    and group_days.ticket_type_code = closing.ticket_type_code and group_days.ticket_date = closing.calendar_date
left join {{ ref('dim_org') }} as orgs on group_days.org_id = orgs.org_id
    and {{ valid_on('orgs', 'group_days.ticket_date') }}
