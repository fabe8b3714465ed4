"""What the reliability ring has tried and found, for the table at the end of the test run."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields


@dataclass
class Outcome:
    """One kind of fault: how often it was tried and what went wrong with the data or needed a person."""

    fault: str
    points: int = 0
    rows_lost: int = 0
    rows_doubled: int = 0
    wrong_reads: int = 0
    needed_a_hand: int = 0


TRIED: list[Outcome] = []


def table() -> str:
    """The outcomes as text, with their sum."""
    names = [field.name for field in fields(Outcome)]
    total = Outcome("all", *(sum(getattr(one, name) for one in TRIED) for name in names[1:]))
    lines = [[name.replace("_", " ") for name in names], *(map(str, astuple(one)) for one in (*TRIED, total))]
    lines = [list(line) for line in lines]
    width = max(len(line[0]) for line in lines)
    return "\n".join(line[0].ljust(width) + "".join(f"{cell:>15}" for cell in line[1:]) for line in lines)
