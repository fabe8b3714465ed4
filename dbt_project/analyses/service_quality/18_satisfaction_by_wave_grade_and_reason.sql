-- Question: How satisfied are customers by wave, grade and reason, on a scale of 100, and of how many answers? 各期、各等级、各原因的满意度（百分制）与样本量？
with answers as (
    select
        surveys.wave_code,
        customers.service_grade_code,
        coalesce(reasons.level1_code, '?') as reason_code,
        count(*) as answer_count,
        avg(100.0 * surveys.score / surveys.scale_max) as satisfaction
    from service_quality.fct_survey_response as surveys
    inner join dim.dim_customer as customers on surveys.customer_key = customers.customer_key
    left join service_quality.fct_contact as contacts on surveys.contact_id = contacts.contact_id
    left join dim.dim_reason as reasons on contacts.reason_key = reasons.reason_key
    where surveys.question_code = 'SATISFACTION'
    group by all
)

select
    *,
    satisfaction - lag(satisfaction) over (
        partition by service_grade_code, reason_code order by wave_code
    ) as change_on_last_wave
from answers
order by wave_code, service_grade_code, reason_code
