-- Question: In which code domains do unknown codes come in, and is the limit kept? 哪些代码域出现未知代码、是否超过上限？
select
    checks.domain_number,
    domains.name_zh,
    checks.contract_id,
    checks.column_name,
    checks.row_count,
    checks.unknown_row_count,
    checks.unknown_share_limit,
    checks.is_within_limit,
    min(unknown.code) as example_code
from ops.ops_code_check as checks
inner join reference.code_domains as domains on checks.domain_code = domains.domain_code
left join ops.ops_unknown_code as unknown
    on checks.domain_code = unknown.domain_code
    and checks.contract_id = unknown.contract_id
    and checks.column_name = unknown.column_name
group by all
order by checks.unknown_row_count desc, checks.domain_number, checks.contract_id;
