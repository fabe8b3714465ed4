-- One row per circuit, customer and period: whose circuit it was, from opening to closing.
with circuits as (

    select * from {{ ref('dim_circuit') }}
    where circuit_id <> '?'

),

-- Versions of one circuit with the same customer, one after the other, are one period.
periods as (

    select
        circuit_id,
        customer_id,
        min(valid_from) as first_from,
        max(valid_to) as last_to,
        min(opened_on) as opened_on,
        max(closed_on) as closed_on
    from circuits
    group by circuit_id, customer_id

),

dated as (

    select
        circuit_id,
        customer_id,
        case when opened_on > first_from then opened_on else first_from end as valid_from,
        case when closed_on < last_to then closed_on else last_to end as valid_to
    from periods

)

select
    -- keys
    {{ surrogate_key(['circuit_id', 'customer_id', 'valid_from']) }} as circuit_customer_key,
    circuit_id,
    customer_id,

    -- validity
    valid_from,
    valid_to
from dated
