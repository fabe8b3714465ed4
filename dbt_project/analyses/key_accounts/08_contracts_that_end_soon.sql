-- Question: Which contracts end within 90 days? 哪些合同将在90天内到期？
select
    contracts.contract_id,
    contracts.customer_id,
    contracts.contract_type_code,
    contracts.value_amt,
    contracts.valid_to,
    date_diff('day', days.last_date, contracts.valid_to) as days_left,
    staff.staff_id as seller
from key_accounts.fct_contract as contracts
inner join dim.dim_staff as staff on contracts.staff_key = staff.staff_key
cross join (select max(last_file_date) as last_date from ops.ops_feed) as days
where contracts.is_active and contracts.valid_to <= days.last_date + 90
order by contracts.valid_to, contracts.contract_id
