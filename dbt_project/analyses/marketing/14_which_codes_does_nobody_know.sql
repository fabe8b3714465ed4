-- Question: In which code domains do unknown codes come in, and is the limit kept? 哪些代码域出现未知代码、是否超过上限？
select
    checks.domain_number,
    domains.name_zh,
    checks.contract_id,
    checks.field_name,
    checks.record_count,
    checks.unknown_record_count,
    checks.unknown_share_limit,
    checks.is_within_limit,
    min(unknown.code) as example_code
from ops.ops_code_check as checks
inner join reference.code_domains as domains on checks.domain_code = domains.domain_code
left join ops.ops_unknown_code as unknown
    on checks.domain_code = unknown.domain_code
    and checks.contract_id = unknown.contract_id
    and checks.field_name = unknown.field_name
group by checks.domain_number, domains.name_zh, checks.contract_id, checks.field_name, checks.record_count,
    checks.unknown_record_count, checks.unknown_share_limit, checks.is_within_limit
order by checks.unknown_record_count desc, checks.domain_number, checks.contract_id;
