-- Question: Which circuits and customers does an alarm of a site touch? 一个告警影响哪些电路和客户？
select
    alarms.alarm_id,
    alarms.raised_at_local,
    alarms.severity_code,
    cells.site_id,
    circuits.circuit_id,
    circuits.customer_id,
    circuits.circuit_grade_code,
    days.down_s as circuit_down_s
from service_quality.fct_alarm as alarms
inner join dim.dim_network_element as cells on alarms.network_element_key = cells.network_element_key
inner join dim.dim_circuit as circuits on cells.site_id in (circuits.a_end_site_id, circuits.b_end_site_id)
    and alarms.raised_date >= circuits.valid_from and alarms.raised_date < circuits.valid_to
left join key_accounts.fct_circuit_day as days on circuits.circuit_id = days.circuit_id
    and alarms.raised_date = days.measured_date
where alarms.is_service_affecting and circuits.status_code = 'ACTIVE'
order by alarms.raised_at_local, alarms.alarm_id, circuits.circuit_id
