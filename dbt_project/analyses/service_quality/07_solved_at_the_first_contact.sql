-- Question: Which reasons are solved at the first contact, and who comes back on another channel? 哪些原因首次接触即解决？哪些客户换渠道再次来访？
select
    reasons.level1_name_zh as reason_zh,
    reasons.level1_name_en as reason_en,
    count(*) as issue_count,
    round(100.0 * count(*) filter (where issues.is_solved_at_first_contact) / count(*), 1) as solved_first_pct,
    count(*) filter (where issues.channel_count > 1) as several_channels_count,
    max(issues.contact_count) as most_contacts
from service_quality.fct_contact_issue as issues
inner join dim.dim_reason as reasons on issues.reason_key = reasons.reason_key
where issues.is_served and issues.is_final
group by all
order by solved_first_pct
