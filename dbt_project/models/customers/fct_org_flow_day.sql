-- One row per day and organisation unit (city, province, headquarters): opening, what came, what went, closing. A city
-- that reports to another province from a day on leaves the stock of the one and enters that of the other.
with flows as (

    select
        org_id,
        snapshot_date,
        sum(opening_count) as opening_count,
        sum(new_count) as new_count,
        sum(regained_count) as regained_count,
        sum(corrected_in_count) as corrected_in_count,
        sum(moved_in_count) as moved_in_count,
        sum(left_count) as left_count,
        sum(corrected_out_count) as corrected_out_count,
        sum(moved_out_count) as moved_out_count,
        sum(reached_count) as reached_count
    from {{ ref('fct_subscription_flow_day') }}
    where {{ since_window('snapshot_date') }}
    group by org_id, snapshot_date

),

orgs as (

    select * from {{ ref('dim_org') }}

),

placed as (

    select
        flows.*,
        {%- for level in ['city', 'province', 'hq'] %}
        coalesce(orgs.{{ level }}_id, '?') as {{ level }}_id,
        coalesce(orgs_before.{{ level }}_id, '?') as {{ level }}_id_before,
        {%- endfor %}
        {{ add_days('flows.snapshot_date', -1) }} as day_before
    from flows
    left join orgs on flows.org_id = orgs.org_id and {{ valid_on('orgs', 'flows.snapshot_date') }}
    left join orgs as orgs_before on flows.org_id = orgs_before.org_id
        and {{ valid_on('orgs_before', add_days('flows.snapshot_date', -1)) }}

),

sides as (

    {% for level in ['city', 'province', 'hq'] -%}
    select
        '{{ level | upper }}' as org_level_code,
        {{ level }}_id as org_id,
        snapshot_date,
        case when {{ level }}_id = {{ level }}_id_before then opening_count else 0 end as opening_count,
        new_count,
        regained_count,
        corrected_in_count,
        moved_in_count,
        case when {{ level }}_id <> {{ level }}_id_before then opening_count else 0 end as reassigned_in_count,
        left_count,
        corrected_out_count,
        moved_out_count,
        0 as reassigned_out_count,
        reached_count
    from placed
    union all
    select
        '{{ level | upper }}' as org_level_code,
        {{ level }}_id_before as org_id,
        snapshot_date,
        opening_count,
        0 as new_count,
        0 as regained_count,
        0 as corrected_in_count,
        0 as moved_in_count,
        0 as reassigned_in_count,
        0 as left_count,
        0 as corrected_out_count,
        0 as moved_out_count,
        opening_count as reassigned_out_count,
        0 as reached_count
    from placed
    where {{ level }}_id <> {{ level }}_id_before
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

summed as (

    select
        org_level_code,
        org_id,
        snapshot_date,
        {%- for measure in ['opening', 'new', 'regained', 'corrected_in', 'moved_in', 'reassigned_in', 'left',
                            'corrected_out', 'moved_out', 'reassigned_out', 'reached'] %}
        cast(sum({{ measure }}_count) as bigint) as {{ measure }}_count{{ ',' if not loop.last }}
        {%- endfor %}
    from sides
    group by org_level_code, org_id, snapshot_date

)

select
    -- keys
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    summed.org_id,

    -- attributes
    summed.org_level_code,

    -- measures
    summed.opening_count,
    summed.new_count,
    summed.regained_count,
    summed.corrected_in_count,
    summed.moved_in_count,
    summed.reassigned_in_count,
    summed.left_count,
    summed.corrected_out_count,
    summed.moved_out_count,
    summed.reassigned_out_count,
    summed.reached_count,

    -- times
    summed.snapshot_date
from summed
left join orgs on summed.org_id = orgs.org_id and {{ valid_on('orgs', 'summed.snapshot_date') }}
