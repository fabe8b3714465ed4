-- One row per closed month, file accepted after its newest version and date in the month on which records of the file
-- happened: why the month would count otherwise today. A file of a feed without events counts on the day of the file.
with closings as (

    select
        period_month,
        max(closed_version) as closed_version
    from {{ source('ops', 'closing') }}
    where kind <> 'later'
    group by period_month

),

counted_files as (

    select
        files.contract_id,
        files.file_name,
        files.sha256,
        files.period_month
    from {{ source('ops', 'closed_file') }} as files
    inner join closings on files.period_month = closings.period_month
        and files.closed_version = closings.closed_version

),

late_files as (

    select
        files.contract_id,
        files.file_name,
        files.accepted_rows,
        files.seen_at,
        files.file_date,
        closings.period_month,
        closings.closed_version
    from {{ ref('ops_file') }} as files
    inner join closings on files.file_date >= closings.period_month
    left join counted_files on closings.period_month = counted_files.period_month
        and files.contract_id = counted_files.contract_id and files.file_name = counted_files.file_name
        and files.sha256 = counted_files.sha256
    where files.state = 'accepted' and files.control_kind is null and counted_files.file_name is null

),

event_feeds as (

    select distinct contract_id from {{ ref('ops_event_file') }}

),

dated as (

    select
        late_files.contract_id,
        late_files.file_name,
        late_files.closed_version,
        coalesce(event_files.record_count, late_files.accepted_rows) as record_count,
        event_files.duration_s,
        event_files.volume_bytes,
        event_files.amount_amt,
        late_files.seen_at,
        late_files.period_month,
        coalesce(event_files.event_date, late_files.file_date) as event_date,
        late_files.file_date
    from late_files
    left join event_feeds on late_files.contract_id = event_feeds.contract_id
    left join {{ ref('ops_event_file') }} as event_files on late_files.contract_id = event_files.contract_id
        and late_files.file_name = event_files.file_name and late_files.file_date = event_files.file_date
    where event_feeds.contract_id is null or event_files.contract_id is not null

)

select
    contract_id,
    file_name,
    closed_version,
    record_count,
    duration_s,
    volume_bytes,
    amount_amt,
    seen_at,
    period_month,
    event_date,
    file_date
from dated
where {{ month_of('event_date') }} = period_month
