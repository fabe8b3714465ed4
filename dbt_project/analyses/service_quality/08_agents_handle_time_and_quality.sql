-- Question: How long do agents need, and how satisfied are their customers? Agents with fewer than 5 contacts are left out. 坐席处理时长与满意度如何（样本不足5次的不列）？
with answers as (

    select
        contact_id,
        100.0 * score / scale_max as score
    from service_quality.fct_survey_response
    where question_code = 'SATISFACTION'

)

select
    staff.staff_id,
    orgs.org_name,
    count(*) as handled_count,
    round(avg(contacts.handle_s), 0) as handle_s,
    round(100.0 * count(*) filter (where contacts.outcome_code = 'transferred') / count(*), 1) as transferred_pct,
    count(answers.score) as answer_count,
    case when count(answers.score) >= 5 then round(avg(answers.score), 1) end as satisfaction
from service_quality.fct_contact as contacts
inner join dim.dim_staff as staff on contacts.staff_key = staff.staff_key
left join dim.dim_org as orgs on staff.org_id = orgs.org_id and orgs.valid_to = date '9999-12-31'
left join answers on contacts.contact_id = answers.contact_id
where contacts.is_handled
group by all
having count(*) >= 5
order by handle_s desc
limit 30
