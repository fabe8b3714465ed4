-- One row per file, or files of a day, that a sender owes: what, until when, how late it is, and who answers for it. By
-- the end of the newest period that came; a file that is rejected is owed until another one of its kind counts.
select
    contract_id,
    family,
    feed,
    owner,
    sender,
    name,
    state,
    reason,
    state <> 'due' and minutes_late > 0 as is_overdue,
    file_count,
    minutes_late,
    due_at,
    due_at_local,
    as_of_local,
    file_date
from {{ source('ops', 'expected_file') }}
