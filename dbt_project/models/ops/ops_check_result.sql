-- One row per contract, file date and quality check, as judged last.
select
    contract_id,
    check_name,
    severity,
    owner,
    observed,
    limit_low,
    limit_high,
    passed,
    checked_at,
    file_date
from {{ source('ops', 'check_result') }}
