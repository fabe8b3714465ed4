-- One row per day KPI, version of its definition, breakdown, unit and day, as the files of the KPIs count them.
{{ kpi_rows('day') }}
