-- Question: At which step from understanding needs to after-sale do opportunities drop off? 售前到售后各环节漏斗
with opportunities as (
    select
        facts.opportunity_id,
        true as understood,
        facts.qualified_at is not null or facts.proposed_at is not null as graded,
        facts.proposed_at is not null as offered,
        facts.is_won as sold,
        coalesce(projects.is_accepted, false) as served,
        facts.is_lost as lost
    from key_accounts.fct_opportunity as facts
    left join (
        select opportunity_id, bool_or(event_type_code = 'ACCEPTED') as is_accepted
        from key_accounts.fct_project_event group by opportunity_id
    ) as projects on facts.opportunity_id = projects.opportunity_id
),
steps as (
    select 1 as step_number, 'UNDERSTAND' as step_code, '了解需求' as step_zh, understood as is_reached, graded as is_passed, lost
    from opportunities
    union all select 2, 'GRADE', '评估分级', graded, offered, lost from opportunities
    union all select 3, 'OFFER', '方案报价', offered, sold, lost from opportunities
    union all select 4, 'SELL', '签约成交', sold, served, false from opportunities
    union all select 5, 'AFTER_SALE', '交付与售后', served, served, false from opportunities
)
select
    step_number,
    step_code,
    step_zh,
    count(*) filter (where is_reached) as reached_count,
    count(*) filter (where is_reached and is_passed) as passed_count,
    count(*) filter (where is_reached and not is_passed and lost) as lost_here_count,
    count(*) filter (where is_reached and not is_passed and not lost) as still_here_count,
    round(100.0 * count(*) filter (where is_reached and is_passed) / nullif(count(*) filter (where is_reached), 0), 1)
        as passed_pct
from steps
group by step_number, step_code, step_zh
order by step_number
