-- Question: What share of the agents left in each month? 话务员流失率
select
    months.month_start_date,
    count(*) filter (where staff.hired_on < months.month_start_date) as opening_count,
    count(*) filter (where staff.hired_on >= months.month_start_date) as joined_count,
    count(*) filter (where staff.left_on between months.month_start_date and months.month_end_date) as left_count,
    count(*) filter (where staff.left_on is null or staff.left_on > months.month_end_date) as closing_count,
    round(
        200.0 * count(*) filter (where staff.left_on between months.month_start_date and months.month_end_date)
        / nullif(
            count(*) filter (where staff.hired_on < months.month_start_date)
            + count(*) filter (where staff.left_on is null or staff.left_on > months.month_end_date), 0
        ), 2
    ) as attrition_pct
from (
    select distinct dates.month_start_date, dates.month_end_date
    from dim.dim_date as dates
    inner join ops.ops_file as files on dates.calendar_date = files.file_date
    where files.contract_id = 'crm__staff'
) as months
inner join dim.dim_staff as staff on staff.hired_on <= months.month_end_date
    and (staff.left_on is null or staff.left_on >= months.month_start_date)
where staff.role_code = 'AGENT'
group by all
order by months.month_start_date
