-- Question: At which stage and why do we lose? 商机在哪个阶段、因何流失？
select
    case
        when negotiation_at is not null then 'NEGOTIATION'
        when proposed_at is not null then 'PROPOSED'
        when qualified_at is not null then 'QUALIFIED'
        else 'FOUND'
    end as last_stage,
    coalesce(lost_reason_code, '-') as lost_reason_code,
    count(*) filter (is_won) as won_count,
    count(*) filter (is_lost) as lost_count,
    sum(value_amt) filter (is_lost) as lost_amt,
    quantile_disc(cycle_s / 86400.0, 0.5) as median_days
from key_accounts.fct_opportunity
where not is_open
group by all
order by lost_amt desc nulls last, last_stage, lost_reason_code
