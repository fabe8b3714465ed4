"""What tests found each role to read of each table, for the table at the end of a run."""

from __future__ import annotations

READS: list[tuple[str, str, int, int, int, int]] = []


def note(role: str, table: str, holders: int, rows: int, published: int, hidden: int = 0) -> None:
    """`rows` in the files of all holders together; `hidden`: groups without a figure."""
    READS.append((role, table, holders, rows, published, hidden))


def table() -> str:
    lines = [("role", "table", "holders", "can read", "published", "small groups")]
    lines += [(role, name, *(f"{number:,}" for number in numbers), f"{hidden or ''}") if numbers[0] else
              (role, name, "", "nothing", f"{numbers[2]:,}", "") for role, name, *numbers, hidden in sorted(set(READS))]
    widths = [max(len(line[i]) for line in lines) for i in range(6)]
    return "\n".join("  ".join(cell.ljust(width) if i < 2 else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(line, widths, strict=True))) for line in lines)
