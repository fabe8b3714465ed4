{# The promise under which each document was opened, as a whole select of its key and sla_policy_key: of the policies in
   force on that day that fit its type, service, customer's grade and circuit's grade, the most specific one.
   `documents` is a CTE with one row per `key`, its ticket_type_code, service_code, customer_grade_code,
   circuit_grade_code and opened_date; a code that is null fits policies for any only.
   Example: with promises as ({{ sla_promises('tickets', 'ticket_id') }}) #}
{% macro sla_promises(documents, key) -%}
    select
        fitting.{{ key }},
        fitting.sla_policy_key
    from (
        select
            documents.{{ key }},
            policies.sla_policy_key,
            row_number() over (
                partition by documents.{{ key }}
                order by policies.specificity desc, policies.sla_policy_key
            ) as choice_number
        from {{ documents }} as documents
        left join {{ ref('sla_services') }} as sla_services on documents.service_code = sla_services.service_code
        inner join {{ ref('dim_sla_policy') }} as policies on documents.ticket_type_code = policies.ticket_type_code
            and policies.sla_class_code in (coalesce(sla_services.sla_class_code, '*'), '*')
            and policies.customer_grade_code in (coalesce(documents.customer_grade_code, '*'), '*')
            and policies.circuit_grade_code in (coalesce(documents.circuit_grade_code, '*'), '*')
            and {{ valid_on('policies', 'documents.opened_date') }}
    ) as fitting
    where fitting.choice_number = 1
{%- endmacro %}
