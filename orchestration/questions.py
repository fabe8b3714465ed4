"""The worked questions: SQL files that an analyst starts from, one folder per theme. Reads them; asks nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from orchestration.settings import DBT_PROJECT

FOLDER = DBT_PROJECT / "analyses"
MARK = "-- Question:"


class QuestionError(ValueError):
    """No worked question has this name."""


@dataclass(frozen=True)
class Question:
    """One file: `theme/number_slug`, the question in words (English and Chinese), and the statement."""

    name: str
    title: str
    sql: str


def questions() -> list[Question]:
    return [_read(path) for path in sorted(FOLDER.glob("*/*.sql"))]


def question(name: str) -> Question:
    """The question of that name; its beginning is enough. Raises QuestionError when none or several begin so."""
    found = [one for one in questions() if one.name.startswith(name)]
    if len(found) != 1:
        raise QuestionError(f"{len(found)} worked questions begin with {name!r}; `bass ask` lists them")
    return found[0]


def _read(path: Path) -> Question:
    text = path.read_text(encoding="utf-8")
    title = text.partition("\n")[0].removeprefix(MARK).strip()
    return Question(f"{path.parent.name}/{path.stem}", title, text)
