-- Question: Which cases are still open, with whom, and how old are they? 哪些工单未结、在谁手里、已历时多久？
select
    tickets.ticket_id,
    tickets.ticket_type_code,
    tickets.status_code,
    staff.staff_id as handler_staff_id,
    orgs.org_name,
    tickets.opened_at_local,
    date_diff('hour', tickets.opened_at_local, cast(days.last_date + 1 as timestamp)) as age_hours
from service_quality.fct_ticket as tickets
inner join dim.dim_org as orgs on tickets.org_key = orgs.org_key
inner join dim.dim_staff as staff on tickets.handler_staff_key = staff.staff_key
cross join (
    select max(last_file_date) as last_date
    from ops.ops_feed
    where contract_id = 'call_center__ticket'
) as days
where tickets.is_open
order by tickets.opened_at_local, tickets.ticket_id
