-- One row per measure and month, headquarters only (partners have no city): K68 settlement difference 结算差异: over the
-- lines not agreed, our amount less the partner's (NET), its absolute value (ABSOLUTE), and their number (LINES).
with lines as (
    select
        settlement_month,
        difference_amt
    from {{ ref('fct_partner_settlement') }}
    where not is_agreed
),

parts as (
    select
        settlement_month,
        'NET' as breakdown_code,
        difference_amt as part
    from lines
    union all
    select
        settlement_month,
        'ABSOLUTE' as breakdown_code,
        abs(difference_amt) as part
    from lines
    union all
    select
        settlement_month,
        'LINES' as breakdown_code,
        1 as part
    from lines
)

select
    'K68' as kpi_id,
    'month' as period_type,
    parts.settlement_month as period_start,
    orgs.org_id,
    parts.breakdown_code,
    cast(sum(parts.part) as decimal(38, 6)) as numerator,
    cast(null as decimal(38, 6)) as denominator
from parts
inner join {{ ref('dim_org') }} as orgs on orgs.org_level_code = 'HQ' and orgs.is_current
group by parts.settlement_month, orgs.org_id, parts.breakdown_code
