"""The first page of the dbt docs: themes, bus matrix and data models, read from the models' own descriptions and tests.

A fact refers to a dimension when one of its columns has a `relationships` test to it. Nothing is listed by hand.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from orchestration import model_diagram
from orchestration.settings import DBT_PROJECT

PAGE = DBT_PROJECT / "models" / "overview.md"
THEMES = {
    "customers": "Customer situation 客户情况分析",
    "usage": "Business development 业务发展分析",
    "revenue": "Income 收益情况分析",
    "competition": "Market competition 市场竞争分析",
    "service_quality": "Service quality 服务质量分析",
    "marketing": "Marketing management 营销管理分析",
    "key_accounts": "Large customers 大客户分析",
    "new_services": "New and data services 新业务及数据业务发展分析",
    "partners": "Cooperating parties 合作服务方分析",
    "kpi": "KPI dictionary 指标字典",
}
NOTE = "<!-- Written by `python -m orchestration.codegen` from the models' descriptions and tests. Do not edit. -->"


def references() -> dict[str, dict[str, set[str]]]:
    """Theme -> fact -> dimensions that its columns refer to."""
    themes: dict[str, dict[str, set[str]]] = {}
    for path in sorted((DBT_PROJECT / "models").glob("*/_*__models.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            if model["name"].startswith("fct_"):
                themes.setdefault(path.parent.name, {})[model["name"]] = _dimensions(model)
    return themes


def _dimensions(model: dict) -> set[str]:
    tests = [test for column in model.get("columns", []) for test in column.get("data_tests", [])]
    targets = [test["relationships"]["arguments"]["to"] for test in tests
               if isinstance(test, dict) and "relationships" in test]
    return {found.group(1) for target in targets if (found := re.search(r"(dim_\w+)", target))}


def render() -> dict[Path, str]:
    """The page as the doc block that dbt docs opens with."""
    themes = references()
    dims = sorted({name for facts in themes.values() for names in facts.values() for name in names})
    short = [name.removeprefix("dim_").replace("_", " ") for name in dims]
    listed = [[theme, title, str(len(themes.get(theme, {})))] for theme, title in THEMES.items()]
    crossed = [[theme, fact, *("x" if name in themes[theme][fact] else "" for name in dims)]
               for theme in THEMES for fact in sorted(themes.get(theme, {}))]
    parts = ["# BASS 经营分析系统", NOTE, "## Themes 主题", _table(["schema", "theme", "facts"], listed),
             "## Bus matrix 总线矩阵", _table(["theme", "fact", *short], crossed), *model_diagram.sections()]
    return {PAGE: "{% docs __overview__ %}\n" + "\n\n".join(parts) + "\n{% enddocs %}\n"}


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
