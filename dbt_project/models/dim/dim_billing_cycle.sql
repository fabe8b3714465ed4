-- One row per billing cycle that bills were delivered for, and the unknown member.
with cycles as (

    select
        billing_cycle,
        cast(concat(substr(billing_cycle, 1, 4), '-', substr(billing_cycle, 5, 2), '-01') as date) as cycle_month,
        min(issued_on) as issued_on,
        max(due_on) as due_on
    from {{ ref('stg_billing__bill') }}
    group by billing_cycle

)

select
    -- keys
    {{ surrogate_key(['billing_cycle']) }} as billing_cycle_key,
    billing_cycle,

    -- attributes
    cycle_month,
    {{ add_days(add_months('cycle_month', 1), -1) }} as closes_on,
    issued_on,
    due_on
from cycles

union all

select
    {{ unknown_key() }} as billing_cycle_key,
    '?' as billing_cycle,
    cast(null as date) as cycle_month,
    cast(null as date) as closes_on,
    cast(null as date) as issued_on,
    cast(null as date) as due_on
