"""Which delivered column holds codes of which domain, as a dbt macro: written from the contracts.

A contract column says `{property: codeDomain, value: "bank"}`, or `"bank@opened_on"` when the code must hold on
another day than that of the file. What the domains are stands in `seeds/code_domains.csv`; no code list is here.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

from orchestration.contracts import Contract
from orchestration.settings import DBT_PROJECT, SEEDS

PATH = DBT_PROJECT / "macros" / "code_places.sql"
STAGING = DBT_PROJECT / "models" / "staging"
DOMAINS = SEEDS / "code_domains.csv"
NOTE = """{# Every delivered column whose codes belong to a code domain, with the column that lists them when the
   domain is a register. Written by `python -m orchestration.codegen` from the data contracts. Do not edit.
   Example: {% for place in code_places() %}{{ ref('stg_' ~ place.contract_id) }}{% endfor %} #}
"""


def render_places(contracts: dict[str, Contract]) -> dict[Path, str]:
    """The text of the macro, by its path."""
    places = [json.dumps(place, ensure_ascii=False) for place in find_places(contracts)]
    body = "{{ return([\n    " + ",\n    ".join(places) + ",\n]) }}"
    return {PATH: f"{NOTE}{{% macro code_places() %}}\n{body}\n{{% endmacro %}}\n"}


def find_places(contracts: dict[str, Contract]) -> list[dict[str, str]]:
    """One entry per column that names a code domain, or that staging derives, in the order of the domains."""
    domains = read_domains()
    places = []
    for contract in contracts.values():
        for column in contract.columns:
            if column.code_domain:
                name, _, used_on = column.code_domain.partition("@")
                if name not in domains:
                    raise ValueError(f"{contract.id}.{column.name}: code domain {name!r} is not in {DOMAINS.name}")
                places.append({"domain_code": name, "contract_id": contract.id, "column_name": column.name,
                               "used_on": used_on or "file_date", "register_column": domains[name]["register_column"]})
    for name, domain in domains.items():
        for derived in filter(None, domain["derived_columns"].split("|")):
            place, _, used_on = derived.partition("@")
            feed, column = place.split(".")
            if next(STAGING.glob(f"*/stg_{feed}.sql"), None):
                places.append({"domain_code": name, "contract_id": feed, "column_name": column,
                               "used_on": used_on or "file_date", "register_column": ""})
    order = list(domains)
    return sorted(places, key=lambda p: (order.index(p["domain_code"]), p["contract_id"], p["column_name"]))


def read_domains() -> dict[str, dict[str, str]]:
    with open(DOMAINS, encoding="utf-8", newline="") as file:
        return {row["domain_code"]: row for row in csv.DictReader(file)}
