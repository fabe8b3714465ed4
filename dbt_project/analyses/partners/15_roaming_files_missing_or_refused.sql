-- Question: Which roaming files were refused or never came? 哪些漫游文件被拒收或缺失？
select
    contract_id,
    file_date,
    file_name,
    state,
    reason
from ops.ops_file
where contract_id in ('billing__tap_in', 'billing__tap_out') and state in ('rejected', 'missing')
order by file_date, file_name
