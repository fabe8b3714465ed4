-- Question: A promise changed from 48 to 36 hours: are broadband faults of ordinary customers still in time? 宽带障碍时限由48小时改为36小时后是否仍达标？
select
    policies.policy_id,
    policies.valid_from,
    policies.restore_limit_h,
    count(*) as fault_count,
    round(100.0 * count(*) filter (where sla.is_met) / count(*), 1) as met_pct,
    round(avg(sla.elapsed_s) / 3600.0, 1) as restore_h
from service_quality.fct_ticket_sla as sla
inner join dim.dim_sla_policy as policies on sla.sla_policy_key = policies.sla_policy_key
where sla.step_code = 'RESTORE' and sla.is_due
group by all
order by policies.policy_id, policies.valid_from
