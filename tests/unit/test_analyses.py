"""Analyses are pure: they import nothing of the warehouse, print nothing and read no environment, clock or folder."""

import ast

from orchestration import settings

FILES = sorted((settings.REPO / "orchestration" / "analytics").rglob("*.py"))
ALLOWED = {"__future__", "collections", "dataclasses", "hashlib", "itertools", "typing", "warnings", "lightgbm",
           "numpy", "polars", "pyfixest", "scipy", "sklearn"}


def imports(tree: ast.AST) -> set[str]:
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return named | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def test_an_analysis_imports_libraries_and_other_analyses_only():
    wrong = {path.name: strange for path in FILES if (strange := {
        name for name in imports(ast.parse(path.read_text(encoding="utf-8")))
        if name.split(".")[0] not in ALLOWED and not name.startswith("orchestration.analytics")})}
    assert wrong == {}


def test_an_analysis_prints_nothing():
    wrong = [path.name for path in FILES for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "open")]
    assert wrong == []


def test_a_module_of_analyses_stays_short():
    assert [path.name for path in FILES if len(path.read_text(encoding="utf-8").splitlines()) > 300] == []
