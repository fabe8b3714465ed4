-- Numerators and denominators of a province are those of the cities that belonged to it on the last day of the period;
-- those of headquarters are those of all provinces.
with kpis as (

    select
        period_type,
        kpi_id,
        definition_version,
        breakdown_code,
        period_start,
        org_level_code,
        org_key,
        org_id,
        numerator,
        denominator
    from {{ ref('kpi_org_period') }}
    where rollup_code = 'sum'

),

headquarters as (

    select max(org_id) as hq_id
    from kpis
    where org_level_code = 'HQ'

),

below as (

    select
        kpis.period_type,
        kpis.kpi_id,
        kpis.definition_version,
        kpis.breakdown_code,
        kpis.period_start,
        'PROVINCE' as org_level_code,
        coalesce(orgs.province_id, '?') as org_id,
        sum(kpis.numerator) as numerator,
        sum(kpis.denominator) as denominator
    from kpis
    left join {{ ref('dim_org') }} as orgs on kpis.org_key = orgs.org_key
    where kpis.org_level_code = 'CITY'
    group by
        kpis.period_type, kpis.kpi_id, kpis.definition_version, kpis.breakdown_code, kpis.period_start,
        coalesce(orgs.province_id, '?')

    union all

    select
        kpis.period_type,
        kpis.kpi_id,
        kpis.definition_version,
        kpis.breakdown_code,
        kpis.period_start,
        'HQ' as org_level_code,
        headquarters.hq_id as org_id,
        sum(kpis.numerator) as numerator,
        sum(kpis.denominator) as denominator
    from kpis
    cross join headquarters
    where kpis.org_level_code = 'PROVINCE'
    group by
        kpis.period_type, kpis.kpi_id, kpis.definition_version, kpis.breakdown_code, kpis.period_start,
        headquarters.hq_id

),

above as (

    select *
    from kpis
    where org_level_code <> 'CITY'

)

select
    coalesce(above.kpi_id, below.kpi_id) as kpi_id,
    coalesce(above.period_start, below.period_start) as period_start,
    coalesce(above.org_id, below.org_id) as org_id,
    above.numerator,
    below.numerator as numerator_below,
    above.denominator,
    below.denominator as denominator_below
from above
full outer join below on above.period_type = below.period_type and above.kpi_id = below.kpi_id
    and above.definition_version = below.definition_version and above.breakdown_code = below.breakdown_code
    and above.period_start = below.period_start and above.org_level_code = below.org_level_code
    and above.org_id = below.org_id
where above.numerator is distinct from below.numerator or above.denominator is distinct from below.denominator
