"""Which lines of quoted text belong to one record: a quoted field may hold line ends.

Set-based: what a line does to the state "inside quotes" is one of four functions (keep, open, close,
flip), and the state after each line follows from prefix operations over them. A quote opens a field only at its
beginning, as in Arrow's CSV parser, so that an inch mark in the middle of a field breaks nothing.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.formats.decoding import split_lines

LONGEST_RECORD = 16 << 20  # a quote that is still open after this many bytes is taken for a mistake


def join_lines(text: bytes, delimiter: bytes, quote: str, joint: bytes,
               is_final: bool) -> tuple[bytes, bytes, np.ndarray, np.ndarray]:
    """(text with one record per line, unfinished rest, first line of each record, which are never closed).

    Line ends inside a record become `joint`. In the final block nothing may be left over: lines after a quote
    that is never closed become records of their own.
    """
    is_open = _states_if_tidy(text, delimiter, quote)
    if is_open is None or (is_final and is_open[-1]):
        opens, stays = _effects(split_lines(text), delimiter.decode(), quote)
        is_open = _states(opens, stays)
    rest, is_unclosed = b"", np.zeros(len(is_open), dtype=bool)
    if is_open[-1]:
        start = int(np.flatnonzero(~is_open)[-1]) + 1 if not is_open.all() else 0
        if is_final:
            is_open[start:], is_unclosed[start:] = False, opens[start:]
        else:
            cut = _line_ends(text)[start - 1] + 1 if start else 0
            text, rest, is_open = text[:cut], text[cut:], is_open[:start]
            is_unclosed = is_unclosed[:start]
    is_start = np.concatenate(([True], ~is_open[:-1])) if len(is_open) else np.zeros(0, dtype=bool)
    return _join(text, is_open, joint), rest, np.flatnonzero(is_start), is_unclosed[is_start]


def _states_if_tidy(text: bytes, delimiter: bytes, quote: str) -> np.ndarray | None:
    """Inside quotes after each line? None unless every quote stands where well-formed text has one.

    Then every second quote closes: it is followed by a delimiter, a line end or its twin (a doubled quote).
    """
    content, (q, d) = np.frombuffer(b"\n" + text + b"\n", dtype=np.uint8), (ord(quote), delimiter[0])
    quotes = np.flatnonzero(content == q)
    opening, closing = quotes[::2], quotes[1::2]
    before, after = content[opening - 1], content[closing + 1]
    if not (_is_border(before, d, q).all() and _is_border(after, d, q).all()):
        return None
    ends = np.flatnonzero(content == 10)[1:]
    ends = ends[:-1] if text.endswith(b"\n") else ends
    return np.searchsorted(quotes, ends) % 2 == 1


def _is_border(neighbours: np.ndarray, delimiter: int, quote: int) -> np.ndarray:
    return (neighbours == delimiter) | (neighbours == 10) | (neighbours == quote)


def _effects(lines: pa.StringArray, delimiter: str, quote: str) -> tuple[np.ndarray, np.ndarray]:
    """Per line: is it inside quotes at its end if it began outside (opens), if it began inside (stays)?

    Slower than `_states_if_tidy`, but exact for any text.
    """
    d, q = re.escape(delimiter), re.escape(quote)
    inside = f"(?:[^{q}]|{q}{q})*"
    plain, quoted = f"[^{q}{d}][^{d}]*", f"{q}{inside}{q}(?:[^{q}{d}][^{d}]*)?"
    ends_inside = f"^(?:(?:{plain}|{quoted})?{d})*{q}{inside}$"
    has_quote = pc.match_substring(lines, quote)
    opens, stays = np.zeros(len(lines), dtype=bool), np.ones(len(lines), dtype=bool)
    where = has_quote.to_numpy(zero_copy_only=False)
    quoted_lines = lines.filter(has_quote)
    opens[where] = _matches(quoted_lines, ends_inside)
    if opens.any():
        stays[where] = _matches(pc.binary_join_element_wise(quote, quoted_lines, ""), ends_inside)
    return opens, stays


def _matches(lines: pa.StringArray, pattern: str) -> np.ndarray:
    return pc.match_substring_regex(lines, pattern).to_numpy(zero_copy_only=False)


def _states(opens: np.ndarray, stays: np.ndarray) -> np.ndarray:
    """Inside quotes after each line? The last line that opens or closes whatever came before decides, then flips."""
    place = np.arange(len(opens))
    decided = np.maximum.accumulate(np.where(opens == stays, place, -1))
    flips = np.cumsum(opens & ~stays)
    base = np.where(decided >= 0, opens[decided], False)
    return base ^ ((flips - np.where(decided >= 0, flips[decided], 0)) % 2 == 1)


def _line_ends(text: bytes) -> np.ndarray:
    return np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == 10)


def _join(text: bytes, is_open: np.ndarray, joint: bytes) -> bytes:
    if not is_open.any():
        return text
    content = np.frombuffer(text, dtype=np.uint8).copy()
    content[_line_ends(text)[: len(is_open)][is_open[: len(_line_ends(text))]]] = joint[0]
    return content.tobytes()
