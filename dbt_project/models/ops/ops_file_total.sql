-- One row per accepted file and summed column: what the sender promised and what became of it.
select
    file_id,
    contract_id,
    column_name,
    delivered_total,
    accepted_total,
    rejected_total,
    duplicate_total,
    control_total,
    file_date
from {{ source('ops', 'file_total') }}
