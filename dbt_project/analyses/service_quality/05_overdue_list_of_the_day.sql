-- Question: Which tickets missed a limit last, by how much, under which promise? 最近有哪些工单超时、超时多久、适用哪条协议？
select
    sla.ticket_id,
    sla.ticket_type_code,
    policies.policy_name_zh,
    sla.step_code,
    sla.status_code,
    orgs.org_name,
    sla.due_at_local,
    sla.done_at_local,
    round(sla.late_s / 3600.0, 2) as late_h
from service_quality.fct_ticket_sla as sla
inner join dim.dim_sla_policy as policies on sla.sla_policy_key = policies.sla_policy_key
inner join dim.dim_org as orgs on sla.org_key = orgs.org_key
where sla.status_code in ('missed', 'overdue')
order by sla.due_at_local desc, sla.ticket_id
limit 30
