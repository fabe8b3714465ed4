-- Question: Which subscriptions, accounts, customers, cells and circuits came in that no register listed on that day, load by load? 各批次有哪些键值在登记表中找不到？
select
    unmatched.file_date,
    unmatched.contract_id,
    unmatched.field_name,
    unmatched.register_contract_id,
    count(*) as key_count,
    sum(unmatched.record_count) as record_count,
    min(unmatched.key_value) as first_key,
    max(files.accepted_rows) as load_row_count
from ops.ops_unmatched_key as unmatched
left join (
    select
        contract_id,
        file_date,
        sum(accepted_rows) as accepted_rows
    from ops.ops_file
    where state = 'accepted'
    group by all
) as files
    on unmatched.contract_id = files.contract_id and unmatched.file_date = files.file_date
group by all
order by unmatched.file_date desc, unmatched.contract_id, unmatched.field_name
