-- Question: How satisfied are customers by wave, grade and reason, on a scale of 100, of how many answers, and how many of those asked did answer? 各期、各等级、各原因的满意度（百分制）、样本量与回复率？
with answers as (
    select
        surveys.wave_code,
        customers.service_grade_code,
        coalesce(reasons.level1_code, '?') as reason_code,
        count(*) as invited_count,
        count(surveys.satisfaction_score) as answer_count,
        count(surveys.satisfaction_score) / count(*) as response_rate,
        avg(100.0 * surveys.satisfaction_score / surveys.satisfaction_scale_max) as satisfaction
    from service_quality.fct_survey_invitation as surveys
    inner join dim.dim_customer as customers on surveys.customer_key = customers.customer_key
    left join service_quality.fct_contact as contacts on surveys.contact_id = contacts.contact_id
    left join dim.dim_reason as reasons on contacts.reason_key = reasons.reason_key
    group by all
    having count(surveys.satisfaction_score) > 0
)

select
    *,
    satisfaction - lag(satisfaction) over (
        partition by service_grade_code, reason_code order by wave_code
    ) as change_on_last_wave
from answers
order by wave_code, service_grade_code, reason_code
