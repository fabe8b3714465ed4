{# Every delivered column whose codes belong to a code domain, with the column that lists them when the
   domain is a register. Written by `python -m orchestration.codegen` from the data contracts. Do not edit.
   Example: {% for place in code_places() %}{{ ref('stg_' ~ place.contract_id) }}{% endfor %} #}
{% macro code_places() %}
{{ return([
    {"domain_code": "area", "contract_id": "billing__customer", "column_name": "org_id", "used_on": "file_date", "register_column": "crm__org.org_id"},
    {"domain_code": "area", "contract_id": "billing__subscription", "column_name": "org_id", "used_on": "file_date", "register_column": "crm__org.org_id"},
    {"domain_code": "customer_level", "contract_id": "billing__customer", "column_name": "customer_level_code", "used_on": "file_date", "register_column": ""},
    {"domain_code": "customer_type", "contract_id": "billing__customer", "column_name": "customer_type_code", "used_on": "file_date", "register_column": ""},
    {"domain_code": "customer_status", "contract_id": "billing__customer", "column_name": "status_code", "used_on": "file_date", "register_column": ""},
    {"domain_code": "payment_method", "contract_id": "billing__account", "column_name": "payment_method_code", "used_on": "file_date", "register_column": ""},
    {"domain_code": "payment_method", "contract_id": "billing__payment", "column_name": "payment_method_code", "used_on": "paid_at_local", "register_column": ""},
    {"domain_code": "credit_grade", "contract_id": "billing__account", "column_name": "credit_grade_code", "used_on": "file_date", "register_column": ""},
    {"domain_code": "account_status", "contract_id": "billing__account", "column_name": "status_code", "used_on": "file_date", "register_column": ""},
    {"domain_code": "charge_item", "contract_id": "billing__bill_item", "column_name": "charge_item_code", "used_on": "file_date", "register_column": ""},
    {"domain_code": "product", "contract_id": "billing__offer", "column_name": "offer_id", "used_on": "file_date", "register_column": "billing__offer.offer_id"},
    {"domain_code": "product", "contract_id": "billing__order", "column_name": "offer_id", "used_on": "file_date", "register_column": "billing__offer.offer_id"},
    {"domain_code": "product", "contract_id": "billing__subscription", "column_name": "offer_id", "used_on": "file_date", "register_column": "billing__offer.offer_id"},
    {"domain_code": "application_type", "contract_id": "billing__order", "column_name": "order_type_code", "used_on": "created_at_local", "register_column": ""},
    {"domain_code": "acceptance_method", "contract_id": "call_center__contact", "column_name": "channel_code", "used_on": "offered_at_local", "register_column": ""},
    {"domain_code": "acceptance_method", "contract_id": "call_center__ticket", "column_name": "channel_code", "used_on": "file_date", "register_column": ""},
    {"domain_code": "priority", "contract_id": "call_center__ticket", "column_name": "priority_code", "used_on": "file_date", "register_column": ""},
    {"domain_code": "service_status", "contract_id": "billing__subscription", "column_name": "status_code", "used_on": "file_date", "register_column": ""},
    {"domain_code": "service_status", "contract_id": "billing__subscription_status", "column_name": "status_code", "used_on": "effective_at_local", "register_column": ""},
    {"domain_code": "unit_level", "contract_id": "crm__org", "column_name": "org_level_code", "used_on": "file_date", "register_column": ""},
    {"domain_code": "staff_status", "contract_id": "crm__staff", "column_name": "status_code", "used_on": "file_date", "register_column": ""},
]) }}
{% endmacro %}
