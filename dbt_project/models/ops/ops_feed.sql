-- One row per feed: what was delivered so far, and the last day of which it is known.
select
    contract_id,
    family,
    feed,
    count(*) as file_count,
    count(case when state = 'accepted' then 1 end) as accepted_file_count,
    count(case when state in ('waiting', 'missing') then 1 end) as outstanding_file_count,
    count(case when is_late then 1 end) as late_file_count,
    cast(sum(case when state = 'accepted' then delivered_rows end) as bigint) as delivered_rows,
    cast(sum(case when state = 'accepted' then accepted_rows end) as bigint) as accepted_rows,
    cast(sum(case when state = 'accepted' then rejected_rows end) as bigint) as rejected_rows,
    cast(sum(case when state = 'accepted' then duplicate_rows end) as bigint) as duplicate_rows,
    min(case when state = 'accepted' then file_date end) as first_file_date,
    max(case when state = 'accepted' then file_date end) as last_file_date
from {{ ref('ops_file') }}
where contract_id is not null
group by contract_id, family, feed
