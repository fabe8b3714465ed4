"""JSON as text: where records begin and end in a stream, and the protection of numbers.

Set-based on bytes; knows no contract. Outside strings JSON is only punctuation, and inside a string every quote
is escaped: so blanking the escapes and counting quotes tells the two apart for a whole block at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.formats.reading import FormatError

LONGEST_RECORD = 64 << 20
DEEPEST = 200
SPACE = " \t\r\n"
NUMBER_MARK = "\ufdd2"  # a noncharacter around each number: JSON parsers would make a float of it and lose digits
DEPTH = np.zeros(256, dtype=np.int8)
DEPTH[list(b"{[")], DEPTH[list(b"}]")] = 1, -1
IN_NUMBER = np.isin(np.arange(256), list(b"0123456789+-.eE"))
BEGINS_NUMBER = np.isin(np.arange(256), list(b"0123456789-"))
ENDS_NUMBER = np.isin(np.arange(256), list(b"0123456789."))


def split_records(chunks: Iterable[bytes], name: str) -> Iterator[pa.StringArray]:
    """The elements of a top-level array, or top-level objects one after the other, as they come."""
    rest, is_array, is_done, count = b"", None, False, 0
    for chunk in chunks:
        rest += chunk
        if is_array is None:
            rest = rest.lstrip(SPACE.encode())
            if not rest:
                continue
            if rest[:1] not in b"[{":
                raise FormatError("json_damaged", f"{name}: begins neither with an array nor with an object")
            is_array = rest[:1] == b"["
            rest = rest[1:] if is_array else rest
        if not is_done:
            records, rest, is_done = _cut_array(rest, count) if is_array else (*_cut_objects(rest), False)
            count += len(records)
            yield records
        if is_done and rest.strip(SPACE.encode()):
            raise FormatError("json_damaged", f"{name}: text after the end of the array")
        if len(rest) > LONGEST_RECORD:
            raise FormatError("record_too_large", f"{name}: a record of more than {LONGEST_RECORD} bytes")
    if rest.strip(SPACE.encode()) or (is_array and not is_done):
        raise FormatError("json_truncated", f"{name}: ends inside record {count + 1}")


def _cut_array(text: bytes, already: int) -> tuple[pa.StringArray, bytes, bool]:
    """(elements, rest, is the array closed?) of text that begins inside a top-level array, between elements."""
    content, outside = _outside_strings(text)
    places = np.flatnonzero(((DEPTH[content] != 0) | (content == ord(","))) & outside)
    depth = 1 + np.cumsum(DEPTH[content[places]], dtype=np.int64)
    closings = places[depth == 0]
    end = int(closings[0]) if len(closings) else None
    commas = places[(content[places] == ord(",")) & (depth == 1)]
    if end is None:
        return *_slices(text, commas), False
    commas = commas[commas < end]
    records, _ = _slices(text[: end + 1], np.append(commas, end))
    if len(records) == 1 and not already and not records[0].as_py():  # an empty array holds no empty element
        records = records.slice(1)
    return records, text[end + 1 :], True


def _cut_objects(text: bytes) -> tuple[pa.StringArray, bytes]:
    content, outside = _outside_strings(text)
    places = np.flatnonzero((DEPTH[content] != 0) & outside)
    depth = np.cumsum(DEPTH[content[places]], dtype=np.int64)
    return _slices(text, places[depth == 0], keeps_last=True)


def _slices(text: bytes, cuts: np.ndarray, keeps_last: bool = False) -> tuple[pa.StringArray, bytes]:
    """The pieces that end at the cuts, trimmed, with or without the character at the cut; and what is left."""
    if not len(cuts):
        return pa.array([], pa.string()), text
    offsets = np.concatenate(([0], cuts + 1)).astype(np.int32)
    pieces = pa.StringArray.from_buffers(len(cuts), pa.py_buffer(offsets), pa.py_buffer(text))
    if not keeps_last:
        pieces = pc.utf8_slice_codeunits(pieces, 0, -1)
    return pc.utf8_trim(pieces, SPACE), text[int(cuts[-1]) + 1 :]


def _outside_strings(text: bytes) -> tuple[np.ndarray, np.ndarray]:
    """(the bytes, is the byte outside a string?). A quote that opens counts as inside, one that closes as outside."""
    plain = text.replace(b"\\\\", b"__").replace(b'\\"', b"__") if b"\\" in text else text
    content = np.frombuffer(plain, dtype=np.uint8)
    return content, np.cumsum(content == ord('"'), dtype=np.int32) % 2 == 0


def is_too_deep(records: pa.StringArray) -> np.ndarray:
    """Records whose objects and arrays are nested more than DEEPEST deep: nobody sends that in good faith."""
    opened = pc.add(pc.count_substring(records, "{"), pc.count_substring(records, "["))
    found = np.zeros(len(records), dtype=bool)
    for place in np.flatnonzero(pc.greater(opened, DEEPEST).to_numpy(zero_copy_only=False)):  # few, if any
        content, outside = _outside_strings(records[place].as_py().encode())
        found[place] = np.cumsum(DEPTH[content] * outside, dtype=np.int64).max() > DEEPEST
    return found


def mark_numbers(records: pa.StringArray) -> pa.StringArray:
    """Valid JSON with each number made a string `"<mark>1.50<mark>"`, so that it comes out as it went in."""
    joined = pc.binary_join(pa.ListArray.from_arrays(pa.array([0, len(records)], pa.int32()), records), "\n")[0]
    content, outside = _outside_strings(joined.as_buffer().to_pybytes())
    is_number = np.concatenate(([False], IN_NUMBER[content] & outside, [False]))
    starts = np.flatnonzero(is_number[1:] & ~is_number[:-1])
    ends = np.flatnonzero(~is_number[1:] & is_number[:-1])
    is_real = BEGINS_NUMBER[content[starts]] & ENDS_NUMBER[content[ends - 1]]
    starts, ends = starts[is_real], ends[is_real]
    opening, closing = f'"{NUMBER_MARK}'.encode(), f'{NUMBER_MARK}"'.encode()
    width = len(opening)
    marks = np.concatenate((np.tile(list(opening), len(starts)), np.tile(list(closing), len(ends)))).astype(np.uint8)
    where = np.repeat(np.concatenate((starts, ends)), width)
    raw = np.frombuffer(joined.as_buffer(), dtype=np.uint8)
    marked = np.insert(raw, where, marks)
    before = np.searchsorted(starts, _offsets(records)) + np.searchsorted(ends, _offsets(records), side="right")
    return _cut_at(marked, _offsets(records) + width * before)


def _offsets(records: pa.StringArray) -> np.ndarray:
    """Where each record begins in the text of all records joined by line ends; one more for the end."""
    sizes = pc.binary_length(records).to_numpy(zero_copy_only=False) + 1
    return np.concatenate(([0], np.cumsum(sizes)))


def _cut_at(content: np.ndarray, offsets: np.ndarray) -> pa.StringArray:
    text = np.append(content, np.uint8(10))  # each piece ends with the line end that joined it to the next
    pieces = pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets.astype(np.int32)),
                                         pa.py_buffer(text.tobytes()))
    return pc.utf8_rtrim(pieces, "\n")


def unmark_numbers(texts: pa.StringArray) -> pa.StringArray:
    """Undoes `mark_numbers` in whatever was taken out of the records."""
    if not pc.any(pc.match_substring(texts, NUMBER_MARK)).as_py():
        return texts
    for marked, plain in ((f'"{NUMBER_MARK}', ""), (f'{NUMBER_MARK}"', ""), (NUMBER_MARK, "")):
        texts = pc.replace_substring(texts, marked, plain)
    return texts
