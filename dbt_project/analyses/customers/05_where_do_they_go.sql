-- Question: Where do those who leave go, and how do we know? 离网用户去了哪里，依据是什么？
select
    leave_kind_code,
    direction_operator_code,
    direction_evidence_code,
    count(*) as leavers,
    round(avg(case when direction_evidence_code = 'circle' then circle_match_count end), 1) as mean_circle_match
from customers.fct_leaver
where is_counted
group by all
order by leavers desc, leave_kind_code, direction_operator_code, direction_evidence_code
