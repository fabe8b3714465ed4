-- Question: Are visits done as the grade demands? 走访是否按等级完成？
select
    date_trunc('month', due_on) as due_month,
    service_grade_code,
    count(*) filter (is_due) as due_count,
    count(*) filter (is_done) as done_count,
    count(*) filter (is_in_time) as in_time_count,
    round(count(*) filter (is_done) / nullif(count(*) filter (is_due), 0), 4) as done_share
from key_accounts.fct_visit
where visit_type_code = 'VISIT'
group by all
order by due_month, service_grade_code
