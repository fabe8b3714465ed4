-- Question: What do customers settle by themselves, and where do they end with an agent? 哪些事项客户自助解决，哪些转人工？
select
    reasons.reason_name_zh,
    reasons.reason_name_en,
    count(*) as session_count,
    round(100.0 * count(*) filter (where sessions.is_solved) / count(*), 1) as solved_pct,
    round(100.0 * count(*) filter (where sessions.result_code = 'to_agent') / count(*), 1) as to_agent_pct,
    round(avg(sessions.step_count), 1) as steps
from service_quality.fct_self_service as sessions
inner join dim.dim_reason as reasons on sessions.reason_key = reasons.reason_key
group by all
order by to_agent_pct desc, session_count desc
