"""Explains a bad contract by file, line and rule: YAML, then the ODCS schema, then our own rules.

Where a rule is broken is found here; what the rules are stands in `contract_rules`. Nothing here
decides how a contract is read: that is `contracts`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import combinations
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from orchestration import contract_rules, contracts


@dataclass(frozen=True, order=True)
class Finding:
    """One broken rule. `str` gives what the command prints."""

    path: Path
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class Source:
    """One parsed contract with the line of every part of it."""

    path: Path
    data: dict[str, Any]
    lines: dict[tuple, int]

    def finding(self, where: tuple, rule: str, message: str) -> Finding:
        while where and where not in self.lines:
            where = where[:-1]
        return Finding(self.path, self.lines.get(where, 1), rule, message)


def check(where: Path | Iterable[Path]) -> list[Finding]:
    """Every finding in a folder of contracts, in one file or in several, in reading order."""
    paths = _paths(where)
    read = [_read(path) for path in paths]
    findings = [finding for found in read if isinstance(found, list) for finding in found]
    sources = [found for found in read if isinstance(found, Source)]
    sound = []
    for source in sources:
        broken = sorted(set(_standard(source) or _own(source) or _loadable(source)))
        findings += broken
        sound += [] if broken else [source]
    findings += _twice(sources) + _confusable(sound)
    return sorted(findings)


def _paths(where: Path | Iterable[Path]) -> list[Path]:
    named = [where] if isinstance(where, str | Path) else list(where)
    paths = []
    for path in map(Path, named):
        if not path.exists():
            raise contracts.ContractError(f"{path}: no such file or folder")
        found = sorted(path.rglob("*.odcs.yaml")) if path.is_dir() else [path]
        if not found:
            raise contracts.ContractError(f"{path}: no contract found (expected <family>/<feed>.odcs.yaml)")
        paths += found
    return paths


def _read(path: Path) -> Source | list[Finding]:
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        data = yaml.load(text, Loader=yaml.CSafeLoader)
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        return [Finding(path, line, "yaml", "not UTF-8 text")]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        return [Finding(path, line, "yaml", getattr(error, "problem", None) or str(error))]
    if not isinstance(data, dict):
        return [Finding(path, 1, "yaml", "not a YAML mapping")]
    lines: dict[tuple, int] = {}
    repeated = [Finding(path, line, "yaml", f"{key!r} stands twice") for key, line in _walk(node, (), lines)]
    return repeated or Source(path, data, lines)


def _walk(node: yaml.Node, where: tuple, lines: dict[tuple, int]) -> Iterator[tuple[str, int]]:
    """Notes the line of each part; yields keys that stand twice in one mapping."""
    lines.setdefault(where, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*where, key.value)
            if inner in lines:
                yield key.value, key.start_mark.line + 1
            lines[inner] = key.start_mark.line + 1
            yield from _walk(value, inner, lines)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            yield from _walk(value, (*where, i), lines)


@cache
def _validator() -> jsonschema.protocols.Validator:
    schema = json.loads((files("open_data_contract_standard") / "schema.json").read_text(encoding="utf-8"))
    return jsonschema.validators.validator_for(schema)(schema)


def _standard(source: Source) -> list[Finding]:
    """What the JSON schema of the standard says; a leftover of another error is not repeated."""
    errors = [jsonschema.exceptions.best_match([error]) for error in _validator().iter_errors(source.data)]
    real = [error for error in errors if error.validator != "unevaluatedProperties"]
    return [source.finding(tuple(error.absolute_path), "odcs", _sentence(error)) for error in real or errors]


def _sentence(error: jsonschema.ValidationError) -> str:
    """The validator's sentence, shortened; a column without type would be told that it lacks a map."""
    if isinstance(error.instance, dict) and "name" in error.instance and "logicalType" not in error.instance:
        return "logicalType is missing"
    return error.message if len(error.message) <= 240 else f"{error.message[:120]} … {error.message[-110:]}"


def _own(source: Source) -> list[Finding]:
    shape = list(contract_rules.one_server_and_table(source.data))
    if shape:
        return [source.finding(where, "one_server_and_table", message) for where, message in shape]
    document = contract_rules.Document(source.data)
    return [source.finding(where, rule.__name__, message)
            for rule in contract_rules.RULES for where, message in rule(document)]


def _loadable(source: Source) -> list[Finding]:
    """The last word has the loader itself, so that nothing passes here and fails there."""
    try:
        contracts.load(source.path)
    except contracts.ContractError as error:
        return [source.finding((), "load", str(error).removeprefix(f"{source.path}: "))]
    return []


def _twice(sources: list[Source]) -> list[Finding]:
    first: dict[Any, Path] = {}
    found = []
    for source in sources:
        name = str(source.data.get("id"))
        if name in first:
            found.append(source.finding(("id",), "unique_id", f"id {name!r} is used by {first[name]} too"))
        first.setdefault(name, source.path)
    return found


def _confusable(sources: list[Source]) -> list[Finding]:
    """File names that two contracts would claim, found by names made from the patterns."""
    claims = []
    for source in sources:
        document = contract_rules.Document(source.data)
        claims += [(source, document, option) for option in ("filePattern", "controlPattern") if document.value(option)]
    found = []
    for (_, a, option_a), (two, b, option_b) in combinations(claims, 2):
        pattern_a, pattern_b = a.value(option_a), b.value(option_b)
        shared = [name for name in sample_names(pattern_a) if re.match(pattern_b, name)]
        shared += [name for name in sample_names(pattern_b) if re.match(pattern_a, name)]
        if shared:
            text = f"{option_b} and {option_a} of {a.data['id']} both match {shared[0]!r}"
            found.append(two.finding(b.path(option_b), "one_contract_per_file", text))
    return found


def sample_names(pattern: str) -> list[str]:
    """Names that match a pattern: with every optional part left out, and with every one put in."""
    parsed = re._parser.parse(pattern)  # type: ignore[attr-defined]
    return sorted({_sample(parsed, fill) for fill in (False, True)})


def _sample(parsed: Any, fill: bool) -> str:
    text = ""
    for op, argument in parsed:
        kind = str(op)
        if kind == "LITERAL":
            text += chr(argument)
        elif kind == "IN":
            text += _member(argument)
        elif kind == "ANY":
            text += "x"
        elif kind == "SUBPATTERN":
            text += _sample(argument[-1], fill)
        elif kind == "BRANCH":
            text += _sample(argument[1][-1 if fill else 0], fill)
        elif kind.endswith("REPEAT"):
            low, high, inner = argument
            text += _sample(inner, fill) * (max(low, 1) if fill and high else low)
    return text


def _member(choices: list) -> str:
    """A character of a set; for a set of all but some, one that is rarely excluded."""
    op, argument = choices[0]
    kind = str(op)
    if kind == "LITERAL":
        return chr(argument)
    if kind == "RANGE":
        return chr(argument[0])
    if kind == "CATEGORY":
        return {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " "}.get(str(argument), "x")
    return "x"
