-- One row per month KPI, version of its definition, breakdown, unit and month, as the files of the KPIs count them.
{{ kpi_rows('month') }}
