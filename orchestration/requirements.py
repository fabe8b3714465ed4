"""Which rows of the requirements inventory a test proves, read from the tests themselves.

The ids stand in `seeds/requirements.csv`; a Python test names them with `@pytest.mark.requirement`,
a dbt test with `meta: {requirement: …}`. Nothing is run here and no proof is recorded by hand.
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

META_IN_SQL = re.compile(r"""meta\s*=\s*{\s*['"]requirement['"]\s*:\s*(\[[^\]]*\]|['"]\w+['"])""")
Proof = tuple[str, str]  # requirement id, place ("file:line" or "file: test")


@dataclass(frozen=True)
class Requirement:
    """One row of the inventory and the places of the tests that prove it."""

    requirement_id: str
    requirement_group: str
    kind: str
    title: str
    proofs: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """One group of the inventory: how many rows, which are proved, which are not."""

    requirement_group: str
    rows: int
    proved: tuple[str, ...]
    unproved: tuple[str, ...]


def inventory(repo: Path) -> list[Requirement]:
    """Every row with its proofs. Raises ValueError when a test names an id that is no row."""
    places: dict[str, list[str]] = {}
    for requirement_id, place in proofs(repo):
        places.setdefault(requirement_id, []).append(place)
    with (repo / "seeds" / "requirements.csv").open(encoding="utf-8", newline="") as file:
        rows = [Requirement(**row, proofs=tuple(places.pop(row["requirement_id"], ()))) for row in csv.DictReader(file)]
    if places:
        unknown = "; ".join(f"{place[0]} names {name!r}" for name, place in sorted(places.items()))
        raise ValueError(f"not in seeds/requirements.csv: {unknown}")
    return rows


def report(repo: Path) -> list[Group]:
    """One row per group, in the order of the inventory."""
    rows = inventory(repo)
    return [_group(name, [row for row in rows if row.requirement_group == name])
            for name in dict.fromkeys(row.requirement_group for row in rows)]


def _group(name: str, rows: list[Requirement]) -> Group:
    return Group(name, len(rows), tuple(row.requirement_id for row in rows if row.proofs),
                 tuple(row.requirement_id for row in rows if not row.proofs))


def proofs(repo: Path) -> Iterator[Proof]:
    """Every (id, place) named by a test below `tests/` or `dbt_project/`."""
    for path in sorted((repo / "tests").rglob("test_*.py")):
        for name, line in _markers(ast.parse(path.read_text(encoding="utf-8"))):
            yield name, f"{path.relative_to(repo)}:{line}"
    for folder in ("models", "tests", "macros"):
        for path in sorted((repo / "dbt_project" / folder).rglob("*.yml")):
            document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            for name in _metas(document, within_test=folder == "tests"):
                yield name, str(path.relative_to(repo))
    for path in sorted((repo / "dbt_project" / "tests").rglob("*.sql")):
        for said in META_IN_SQL.findall(path.read_text(encoding="utf-8")):
            for name in re.findall(r"\w+", said):
                yield name, str(path.relative_to(repo))


def _markers(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Ids inside `…mark.requirement(…)`, as decorator, as `marks=` of a parameter or as `pytestmark`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "requirement":
            for argument in node.args:
                yield ast.literal_eval(argument), node.lineno


def _metas(node: Any, within_test: bool) -> Iterator[str]:
    """Ids under `meta: requirement` of dbt tests; a `meta` of a model or column proves nothing."""
    if isinstance(node, dict):
        said = (node.get("meta") or {}).get("requirement") if within_test else None
        yield from [said] if isinstance(said, str) else said or []
        for key, value in node.items():
            yield from _metas(value, within_test or key in ("data_tests", "unit_tests"))
    elif isinstance(node, list):
        for value in node:
            yield from _metas(value, within_test)
