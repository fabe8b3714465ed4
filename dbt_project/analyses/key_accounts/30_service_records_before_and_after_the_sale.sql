-- Question: What was done for each customer before and after the sale, by type? 客户售前售后服务记录（按客户和类型）
select
    activities.customer_id,
    types.parent_code as phase_code,
    activities.activity_type_code,
    types.code_name_zh as activity_type_zh,
    count(*) as activity_count,
    count(*) filter (where activities.is_done) as done_count,
    count(*) filter (where activities.is_cancelled) as cancelled_count,
    max(activities.done_date) as last_done_date
from key_accounts.fct_activity as activities
inner join dim.dim_ref_code as types on types.domain_code = 'activity_type'
    and activities.activity_type_code = types.code
    and activities.planned_on >= types.valid_from and activities.planned_on < types.valid_to
group by all
order by activities.customer_id, phase_code desc, activities.activity_type_code
