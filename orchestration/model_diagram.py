"""Data models of the core data standard on the first page of the dbt docs: entities, their keys, what refers to what.

Only which entities belong to a model stands here; keys and references are read from the models' own tests.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from orchestration.settings import DBT_PROJECT

MODELS = {
    "Large-customer data 大客户资料 (STD01)": (
        "dim_customer", "dim_account", "dim_key_account", "dim_contact_person", "dim_group", "bridge_group_member",
        "bridge_customer_staff", "dim_circuit", "bridge_circuit_customer", "fct_contract", "fct_large_customer_month"),
    "One-stop service and accounting 一站服务业务与帐务处理 (STD02)": (
        "fct_service_event", "fct_service_event_step", "fct_work_order", "fct_work_order_sla", "fct_bill",
        "fct_bill_charge", "fct_payment", "fct_adjustment"),
    "Marketing management 营销管理 (STD03)": (
        "fct_plan", "fct_activity", "dim_campaign", "fct_campaign_wave", "fct_campaign_contact", "fct_campaign_cost"),
    "Sales management 销售管理 (STD04)": (
        "fct_opportunity", "fct_opportunity_day", "fct_project_event", "fct_contract", "fct_visit"),
    "Internal management 内部管理 (STD05)": (
        "dim_org", "dim_staff", "dim_staff_version", "bridge_customer_staff", "dim_channel"),
}
INTRO = ("Each block is one entity: its name, its keys (`=`), and each reference to another one (`->`). A `_key` "
         "column refers to one version of a dimension row, an `_id` or `_code` to all of its versions. All are tested "
         "at each build.")


def sections() -> list[str]:
    """The part of the page: one heading and one diagram per data model."""
    pages = entities()
    parts = ["## Data models of the core data standard 核心数据标准的数据模型", INTRO]
    for title, names in MODELS.items():
        parts += [f"### {title}", "```\n" + "\n".join(_block(pages[name]) for name in names) + "\n```"]
    return parts


def entities() -> dict[str, dict[str, Any]]:
    """Every model by name, as its yml describes it."""
    pages = sorted((DBT_PROJECT / "models").glob("*/_*__models.yml"))
    return {model["name"]: model for page in pages for model in _models(page)}


def keys(model: dict[str, Any]) -> list[str]:
    """Each key that a test proves: columns unique by themselves, together, or per period of validity."""
    found = [column["name"] for column in model.get("columns", []) if "unique" in _names(column.get("data_tests", []))]
    for test in filter(lambda test: isinstance(test, dict), model.get("data_tests", [])):
        for name, said in test.items():
            if name == "unique_together":
                found.append(" + ".join(said["arguments"]["columns"]))
            elif name == "no_overlap" and "where" not in said.get("config", {}):
                found.append(" + ".join([*said["arguments"]["key"], "valid_from"]))
    return list(dict.fromkeys(found))


def references(model: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(column, entity, its column) of every relationships test."""
    tests = [(column["name"], test["relationships"]["arguments"]) for column in model.get("columns", [])
             for test in column.get("data_tests", []) if isinstance(test, dict) and "relationships" in test]
    return [(name, re.search(r"ref\('(\w+)'\)", said["to"]).group(1), said["field"]) for name, said in tests]


def _models(page: Path) -> list[dict[str, Any]]:
    return yaml.load(page.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader).get("models", [])


def _names(tests: list[Any]) -> set[str]:
    return {test if isinstance(test, str) else next(iter(test)) for test in tests}


def _block(model: dict[str, Any]) -> str:
    links = [f"{column:<28} -> {entity}.{field}" for column, entity, field in references(model)]
    lines = [*(f"= {key}" for key in keys(model)), *links]
    return "\n".join([f"+-- {model['name']}", *(f"|   {line}" for line in lines), "|"])
