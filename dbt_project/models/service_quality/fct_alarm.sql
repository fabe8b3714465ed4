-- One row per alarm from raise to clear, accumulating over its messages; an alarm without a clear is open.
with messages as (

    select
        *,
        row_number() over (
            partition by alarm_id
            order by changed_at, file_date, source_file, line_number
        ) as message_number,
        {{ is_newest(['alarm_id'], 'changed_at') }} as is_newest
    from {{ ref('stg_network__alarm') }}

),

severities as (

    select
        alarm_id,
        min(case severity_code
            when 'critical' then 1 when 'major' then 2 when 'minor' then 3 when 'warning' then 4
            when 'indeterminate' then 5
        end) as severity_rank,
        min(coalesce(cleared_at, case when state_code = 'cleared' then changed_at end)) as cleared_at,
        min(coalesce(cleared_at_local, case when state_code = 'cleared' then changed_at_local end)) as cleared_at_local,
        count(*) as message_count
    from messages
    group by alarm_id

),

alarms as (

    select
        messages.*,
        cast(messages.raised_at_local as date) as raised_date,
        severities.severity_rank,
        severities.message_count,
        severities.cleared_at as alarm_cleared_at,
        severities.cleared_at_local as alarm_cleared_at_local,
        last_messages.state_code as last_state_code,
        last_messages.file_date as last_file_date
    from messages
    inner join severities on messages.alarm_id = severities.alarm_id
    inner join messages as last_messages on messages.alarm_id = last_messages.alarm_id and last_messages.is_newest
    where messages.message_number = 1

),

cells as (

    select * from {{ ref('dim_network_element') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

)

select
    -- keys
    {{ surrogate_key(['alarms.alarm_id']) }} as alarm_key,
    coalesce(cells.network_element_key, {{ unknown_key() }}) as network_element_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    alarms.alarm_id,
    alarms.external_alarm_id,
    alarms.cell_id,

    -- attributes
    alarms.last_state_code as state_code,
    alarms.alarm_type_code,
    case alarms.severity_rank
        when 1 then 'critical' when 2 then 'major' when 3 then 'minor' when 4 then 'warning' else 'indeterminate'
    end as severity_code,
    alarms.probable_cause_code,
    alarms.specific_problem,
    alarms.is_root_cause,
    alarms.is_service_affecting,
    alarms.is_planned,
    alarms.affected_services,
    alarms.alarm_cleared_at is null as is_open,

    -- measures
    {{ seconds_between('alarms.raised_at', 'alarms.alarm_cleared_at') }} as duration_s,
    alarms.message_count,

    -- times and lineage
    alarms.raised_at,
    alarms.raised_at_local,
    alarms.raised_date,
    alarms.alarm_cleared_at as cleared_at,
    alarms.alarm_cleared_at_local as cleared_at_local,
    alarms.file_date as first_file_date,
    alarms.last_file_date
from alarms
left join cells on alarms.cell_id = cells.cell_id and {{ valid_on('cells', 'alarms.raised_date') }}
left join orgs on cells.org_id = orgs.org_id and {{ valid_on('orgs', 'alarms.raised_date') }}
