{# A condition on the columns of one row is true in every row.
   Example: expression_holds: {arguments: {expression: "gross_amt - discount_amt = net_amt"}} #}
{% test expression_holds(model, expression) %}
select *
from {{ model }}
where not coalesce({{ expression }}, false)
{% endtest %}
