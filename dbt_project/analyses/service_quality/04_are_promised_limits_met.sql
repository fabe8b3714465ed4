-- Question: Are promised limits met, by step and customer grade? 各环节、各客户等级的时限达标率是多少？
select
    sla.step_code,
    coalesce(grades.name_zh, sla.customer_grade_code) as customer_grade_zh,
    count(*) as due_count,
    count(*) filter (where sla.is_met) as met_count,
    round(100.0 * count(*) filter (where sla.is_met) / count(*), 1) as met_pct,
    round(max(sla.late_s) / 60.0, 1) as longest_delay_min
from service_quality.fct_ticket_sla as sla
left join reference.service_grades as grades on sla.customer_grade_code = grades.service_grade_code
where sla.is_due
group by all
order by sla.step_code, customer_grade_zh
