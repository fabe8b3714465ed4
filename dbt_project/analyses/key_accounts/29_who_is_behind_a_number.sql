-- Question: Who is behind this number or name, whom do we call, and who looks after them? 按号码或名称一步查询客户、联系人和客户经理
select
    lookup.lookup_code,
    lookup.customer_id,
    lookup.customer_name_token,
    lookup.service_grade_code,
    lookup.contact_name_token,
    lookup.contact_phone_token,
    lookup.account_manager_staff_id,
    lookup.account_manager_name_token,
    lookup.account_manager_phone_token
from dim.bridge_customer_lookup as lookup
where lookup.lookup_value = (
    select max(lookup_value) from dim.bridge_customer_lookup where lookup_code = 'CONTACT_NUMBER'
)
order by lookup.lookup_code, lookup.customer_id
