"""Basic encoding rules of ASN.1: bytes to tagged elements, all lengths checked before anything is read.

Knows tags, lengths and nesting; knows no structure of any standard. Works on elements, never on single bytes
of a value. A length that leaves the file means that the file was cut, one that leaves its parent that it is garbled.
"""

from __future__ import annotations

from collections.abc import Iterator

from orchestration.formats.reading import FormatError

APPLICATION, GROUP, LONG_TAG = 0x40, 0x20, 0x1F
LARGEST_TAG, DEEPEST = 1 << 21, 40

# (tag, is a group of elements, where its content begins, where it ends, where the next element begins)
Element = tuple[int, bool, int, int, int]


def element(data: bytes, at: int, end: int, depth: int = 0) -> Element:
    """The element that begins at `at`, inside a parent that ends at `end`. Tags of other classes are negative."""
    try:
        first, tag = data[at], data[at] & LONG_TAG
        at += 1
        if tag == LONG_TAG:
            tag = 0
            while True:
                octet = data[at]
                at += 1
                tag = tag << 7 | octet & 0x7F
                if octet < 0x80:
                    break
                if tag > LARGEST_TAG:
                    raise FormatError("ber_garbled", f"no standard has a tag like that at byte {at}")
        length = data[at]
        at += 1
        is_open = length == 0x80
        if length > 0x80:
            count = length & 0x7F
            length = int.from_bytes(data[at:at + count])
            at += count
    except IndexError:
        raise FormatError("ber_truncated", f"the file ends inside an element at byte {len(data)}") from None
    tag = tag if first & 0xC0 == APPLICATION else ~tag
    if is_open:
        close = _close(data, at, end, depth + 1)
        return tag, True, at, close, close + 2
    if at + length > end:
        if at + length > len(data):
            raise FormatError("ber_truncated", f"an element at byte {at} needs {at + length - len(data)} bytes more")
        raise FormatError("ber_garbled", f"an element at byte {at} is longer than the one around it")
    return tag, bool(first & GROUP), at, at + length, at + length


def _close(data: bytes, at: int, end: int, depth: int) -> int:
    """Where the two zero bytes stand that close an element of open length."""
    if depth > DEEPEST:
        raise FormatError("ber_garbled", f"elements are nested more than {DEEPEST} deep at byte {at}")
    while data[at:at + 2] != b"\0\0":
        at = element(data, at, end, depth)[4]
    if at + 2 > end:
        raise FormatError("ber_garbled", f"an element of open length at byte {at} is not closed inside its parent")
    return at


def children(data: bytes, at: int, end: int) -> Iterator[Element]:
    """The elements directly below one."""
    while at < end:
        found = element(data, at, end)
        yield found
        at = found[4]


def values(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, bytes]]:
    """(tag around it, tag, content) of every plain value below an element, in order."""
    stack = [(0, end, end)]  # tag, end of the content, where to go on behind it
    while stack:
        parent, stop, after = stack[-1]
        if at >= stop:
            at = after
            stack.pop()
            continue
        tag, is_group, begins, ends, following = element(data, at, stop)
        if not is_group:
            yield parent, tag, data[begins:ends]
            at = following
        elif len(stack) > DEEPEST:
            raise FormatError("ber_garbled", f"elements are nested more than {DEEPEST} deep at byte {at}")
        else:
            stack.append((tag, ends, following))
            at = begins
