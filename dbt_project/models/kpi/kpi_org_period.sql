-- One row per KPI, version, breakdown, period and organisation unit: cities as counted, provinces and headquarters as
-- sums of numerators and of denominators over the units below them on the last day of the period, or as the KPI itself
-- counts them. What has no known city is in unit ?. Every version is counted for every period; one is in force.
with counted as (

    select
        'day' as period_type,
        kpi_id,
        definition_version,
        breakdown_code,
        rollup_code,
        org_id,
        numerator,
        denominator,
        period_start,
        period_start as period_end
    from {{ ref('kpi_city_day') }}

    union all

    select
        'month' as period_type,
        kpi_id,
        definition_version,
        breakdown_code,
        rollup_code,
        org_id,
        numerator,
        denominator,
        period_start,
        {{ add_days(add_months('period_start', 1), -1) }} as period_end
    from {{ ref('kpi_city_month') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

headquarters as (

    select coalesce(max(org_id), '?') as hq_id
    from orgs
    where org_level_code = 'HQ'

),

placed as (

    select
        counted.*,
        coalesce(orgs.city_id, '?') as city_id,
        coalesce(orgs.province_id, '?') as province_id,
        headquarters.hq_id
    from counted
    cross join headquarters
    left join orgs on counted.org_id = orgs.org_id and {{ valid_on('orgs', 'counted.period_end') }}
    where counted.rollup_code = 'sum'

),

levels as (

    {% for level in ['city', 'province', 'hq'] -%}
    select
        period_type,
        kpi_id,
        definition_version,
        breakdown_code,
        rollup_code,
        '{{ level | upper }}' as org_level_code,
        {{ level }}_id as org_id,
        cast(sum(numerator) as decimal(38, 6)) as numerator,
        cast(sum(denominator) as decimal(38, 6)) as denominator,
        period_start,
        period_end
    from placed
    group by
        period_type, kpi_id, definition_version, breakdown_code, rollup_code, {{ level }}_id, period_start, period_end
    union all
    {% endfor -%}
    select
        counted.period_type,
        counted.kpi_id,
        counted.definition_version,
        counted.breakdown_code,
        counted.rollup_code,
        coalesce(orgs.org_level_code, 'CITY') as org_level_code,
        counted.org_id,
        counted.numerator,
        counted.denominator,
        counted.period_start,
        counted.period_end
    from counted
    left join orgs on counted.org_id = orgs.org_id and {{ valid_on('orgs', 'counted.period_end') }}
    where counted.rollup_code = 'own'

),

definitions as (

    select
        *,
        coalesce(
            lead(effective_from) over (partition by kpi_id order by effective_from), cast('9999-12-31' as date)
        ) as effective_to
    from {{ ref('kpis') }}

),

needed_feeds as (

    select
        definitions.kpi_id,
        definitions.definition_version,
        feeds.contract_id,
        feeds.last_file_date
    from definitions
    inner join {{ ref('ops_feed') }} as feeds
        on concat('|', definitions.feeds, '|') like concat('%|', feeds.contract_id, '|%')

),

-- A KPI is known up to the last day that every feed it needs has delivered; null when one never did.
deliveries as (

    select
        definitions.kpi_id,
        definitions.definition_version,
        case
            when count(needed_feeds.last_file_date)
                > length(definitions.feeds) - length(replace(definitions.feeds, '|', ''))
                then min(needed_feeds.last_file_date)
        end as known_until
    from definitions
    left join needed_feeds on definitions.kpi_id = needed_feeds.kpi_id
        and definitions.definition_version = needed_feeds.definition_version
    group by definitions.kpi_id, definitions.definition_version, definitions.feeds

),

outstanding_days as (

    select distinct
        needed_feeds.kpi_id,
        needed_feeds.definition_version,
        files.file_date
    from {{ ref('ops_file') }} as files
    inner join needed_feeds on files.contract_id = needed_feeds.contract_id
    where files.state in ('waiting', 'missing')

),

defined as (

    select
        levels.*,
        definitions.factor,
        levels.period_end >= definitions.effective_from
        and levels.period_end < definitions.effective_to as is_in_force,
        deliveries.known_until
    from levels
    inner join definitions on levels.kpi_id = definitions.kpi_id
        and levels.definition_version = definitions.definition_version
    inner join deliveries on definitions.kpi_id = deliveries.kpi_id
        and definitions.definition_version = deliveries.definition_version
    where levels.period_start <= deliveries.known_until

),

-- A period in which a file is still to come stays provisional.
open_periods as (

    select distinct
        defined.kpi_id,
        defined.definition_version,
        defined.period_type,
        defined.period_start
    from defined
    inner join outstanding_days on defined.kpi_id = outstanding_days.kpi_id
        and defined.definition_version = outstanding_days.definition_version
        and defined.period_start <= outstanding_days.file_date and defined.period_end >= outstanding_days.file_date

)

select
    -- keys
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    defined.kpi_id,
    defined.org_id,

    -- attributes
    defined.period_type,
    defined.org_level_code,
    defined.breakdown_code,
    defined.rollup_code,
    defined.definition_version,
    defined.is_in_force,
    case
        when defined.period_end <= defined.known_until and open_periods.kpi_id is null then 'final'
        else 'provisional'
    end as status_code,
    case
        when defined.period_end > defined.known_until then 'not all days are delivered'
        when open_periods.kpi_id is not null then 'a file is outstanding'
    end as status_reason,

    -- measures
    defined.numerator,
    defined.denominator,
    case
        when defined.denominator is null then cast(defined.numerator as double)
        else cast(defined.numerator as double) / nullif(cast(defined.denominator as double), 0)
    end * defined.factor as kpi_value,

    -- times
    defined.period_start,
    defined.period_end
from defined
left join open_periods on defined.kpi_id = open_periods.kpi_id
    and defined.definition_version = open_periods.definition_version
    and defined.period_type = open_periods.period_type and defined.period_start = open_periods.period_start
left join orgs on defined.org_id = orgs.org_id and {{ valid_on('orgs', 'defined.period_end') }}
