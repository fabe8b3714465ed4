{# Written by `python -m orchestration.codegen` from seeds/kpis.csv. Do not edit. #}
{% macro kpi_models() -%}
{{ return([
    {'model': 'kpi_k01_reached_subscriptions', 'definition_version': 1, 'period_grain': 'day', 'breakdown': False, 'rollup': 'sum', 'themes': ['customers']},
    {'model': 'kpi_k02_new', 'definition_version': 1, 'period_grain': 'day', 'breakdown': False, 'rollup': 'sum', 'themes': ['customers']},
    {'model': 'kpi_k03_left', 'definition_version': 1, 'period_grain': 'day', 'breakdown': False, 'rollup': 'sum', 'themes': ['customers']},
    {'model': 'kpi_k04_net_added', 'definition_version': 1, 'period_grain': 'day', 'breakdown': False, 'rollup': 'sum', 'themes': ['customers']},
    {'model': 'kpi_k05_average_subscriptions', 'definition_version': 1, 'period_grain': 'month', 'breakdown': False, 'rollup': 'sum', 'themes': ['customers']},
    {'model': 'kpi_k06_churn_rate', 'definition_version': 1, 'period_grain': 'month', 'breakdown': False, 'rollup': 'sum', 'themes': ['customers']},
    {'model': 'kpi_k11_billing_subscriptions', 'definition_version': 1, 'period_grain': 'month', 'breakdown': False, 'rollup': 'sum', 'themes': ['revenue']},
    {'model': 'kpi_k13_arpu', 'definition_version': 1, 'period_grain': 'month', 'breakdown': False, 'rollup': 'sum', 'themes': ['revenue', 'customers']},
    {'model': 'kpi_k15_mou', 'definition_version': 1, 'period_grain': 'month', 'breakdown': False, 'rollup': 'sum', 'themes': ['usage', 'customers']},
    {'model': 'kpi_k16_dou', 'definition_version': 1, 'period_grain': 'month', 'breakdown': False, 'rollup': 'sum', 'themes': ['usage']},
    {'model': 'kpi_k23_arrears_rate', 'definition_version': 1, 'period_grain': 'month', 'breakdown': False, 'rollup': 'sum', 'themes': ['revenue']},
    {'model': 'kpi_k34_complaint_rate', 'definition_version': 1, 'period_grain': 'month', 'breakdown': False, 'rollup': 'sum', 'themes': ['service_quality', 'customers']},
    {'model': 'kpi_k37_average_handle_time', 'definition_version': 1, 'period_grain': 'day', 'breakdown': False, 'rollup': 'sum', 'themes': ['service_quality']},
    {'model': 'kpi_k45_restore_time', 'definition_version': 1, 'period_grain': 'month', 'breakdown': False, 'rollup': 'sum', 'themes': ['service_quality']},
    {'model': 'kpi_k53_accessibility', 'definition_version': 1, 'period_grain': 'day', 'breakdown': False, 'rollup': 'own', 'themes': ['service_quality']},
    {'model': 'kpi_k54_drop_rate', 'definition_version': 1, 'period_grain': 'day', 'breakdown': False, 'rollup': 'sum', 'themes': ['service_quality']},
    {'model': 'kpi_k55_congestion_rate', 'definition_version': 1, 'period_grain': 'day', 'breakdown': True, 'rollup': 'sum', 'themes': ['service_quality']},
    {'model': 'kpi_k56_resource_use', 'definition_version': 1, 'period_grain': 'day', 'breakdown': True, 'rollup': 'own', 'themes': ['service_quality']},
    {'model': 'kpi_k57_user_throughput', 'definition_version': 1, 'period_grain': 'day', 'breakdown': False, 'rollup': 'sum', 'themes': ['service_quality']},
    {'model': 'kpi_k58_bad_cell_share', 'definition_version': 1, 'period_grain': 'day', 'breakdown': False, 'rollup': 'sum', 'themes': ['service_quality']},
    {'model': 'kpi_k59_alarms', 'definition_version': 1, 'period_grain': 'day', 'breakdown': True, 'rollup': 'sum', 'themes': ['service_quality']},
]) }}
{%- endmacro %}
