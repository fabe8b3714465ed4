-- One row per promise and period of validity: limits of the steps of a ticket by ticket type, class of service,
-- customer grade and circuit grade, * for any; and the unknown member. Where several rows fit, the highest
-- specificity holds: the class of service counts most, then the customer's grade, then the circuit's.
select
    -- keys
    {{ surrogate_key(['policy_id', 'valid_from']) }} as sla_policy_key,
    policy_id,

    -- attributes
    name_en as policy_name_en,
    name_zh as policy_name_zh,
    ticket_type_code,
    sla_class_code,
    customer_grade_code,
    circuit_grade_code,
    case when sla_class_code = '*' then 0 else 4 end + case when customer_grade_code = '*' then 0 else 2 end
    + case when circuit_grade_code = '*' then 0 else 1 end as specificity,
    calendar_code,

    -- measures
    dispatch_limit_min,
    accept_limit_min,
    confirm_limit_min,
    restore_limit_h,
    feedback_limit_days,
    done_limit_days,

    -- validity
    valid_from,
    valid_to
from {{ ref('sla_policies') }}

union all

select
    {{ unknown_key() }} as sla_policy_key,
    '?' as policy_id,
    'Unknown' as policy_name_en,
    '未知' as policy_name_zh,
    '?' as ticket_type_code,
    '?' as sla_class_code,
    '?' as customer_grade_code,
    '?' as circuit_grade_code,
    0 as specificity,
    '?' as calendar_code,
    cast(null as int) as dispatch_limit_min,
    cast(null as int) as accept_limit_min,
    cast(null as int) as confirm_limit_min,
    cast(null as int) as restore_limit_h,
    cast(null as int) as feedback_limit_days,
    cast(null as int) as done_limit_days,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to
