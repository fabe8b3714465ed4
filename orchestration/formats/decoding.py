"""Bytes to UTF-8 text in blocks of whole lines, and the marking of bytes that cannot be decoded.

Knows compression, byte order marks, line ends and encodings; knows nothing about columns.
Lines are cut before decoding: 0x0A is never part of a longer character, neither in UTF-8 nor in
GB18030. Delimiters are cut after decoding, because 0x7C (`|`) can be the second byte of a Chinese character.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.formats.reading import FormatError

BLOCK_BYTES = 4 << 20
LONGEST_LINE = 64 << 20
MARK = "\ufdd0"  # a noncharacter: never part of honest text; here it announces two hex digits of a bad byte
MARK_BYTES = MARK.encode()
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\x84\x31\x95\x33")  # UTF-8, GB18030
DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile)
# GB18030 holds both older standards, and files said to be GB2312 often hold characters of GBK.
CODECS = {"gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "utf8": "utf-8", "utf-8-sig": "utf-8"}


@dataclass(frozen=True)
class Block:
    """Whole lines in the source encoding; `first_line` is the number of the first of them."""

    first_line: int
    data: bytes
    line_ends: int
    is_last: bool


def _mark_bad_byte(error: UnicodeError) -> tuple[str, int]:
    """One byte at a time, so that a damaged character can never swallow a line end."""
    assert isinstance(error, UnicodeDecodeError)
    return f"{MARK}{error.object[error.start]:02x}", error.start + 1


codecs.register_error("bass_mark", _mark_bad_byte)


def codec_of(encoding: str) -> str:
    name = CODECS.get(encoding.lower(), encoding.lower())
    try:
        "\n".encode(name)
    except LookupError:
        raise FormatError("unknown_encoding", f"there is no encoding named {encoding}") from None
    if "\n|,".encode(name) != b"\n|,":
        raise FormatError("unknown_encoding", f"{encoding} is not a superset of ASCII; only such encodings are read")
    return name


def open_bytes(path: Path) -> BinaryIO:
    """The content of a file, whatever it is packed in; told by its first bytes, not by its name."""
    with path.open("rb") as plain:
        magic = plain.read(4)
    if magic[:2] == b"\x1f\x8b":
        return io.BufferedReader(gzip.GzipFile(path), BLOCK_BYTES)  # type: ignore[arg-type]
    if magic == b"PK\x03\x04":
        with guard_damage(path), zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if len(names) != 1:
                raise FormatError("zip_members", f"{path.name}: {len(names)} files in the archive, expected one")
            return archive.open(names[0])  # type: ignore[return-value]
    return path.open("rb")


@contextmanager
def guard_damage(path: Path) -> Iterator[None]:
    """Turns the many errors of damaged archives into one FormatError."""
    try:
        yield
    except DAMAGE as error:
        raise FormatError("gzip_damaged", f"{path.name}: {error}") from error


def line_blocks(path: Path, block_bytes: int | None = None) -> Iterator[Block]:
    """Blocks cut at line ends, without byte order mark. Blocks without text only move the line count."""
    line, held = 1, None
    for data in _cut_at_lines(path, block_bytes or BLOCK_BYTES):
        line_ends = int(np.count_nonzero(np.frombuffer(data, dtype=np.uint8) == 10))
        if data[0] not in b"\r\n" or data.strip(b"\r\n"):
            if held:
                yield held
            held = Block(line, data, line_ends, False)
        line += line_ends
    if held:
        yield replace(held, is_last=True)


def _cut_at_lines(path: Path, block_bytes: int) -> Iterator[bytes]:
    rest, is_start = b"", True
    with open_bytes(path) as source, guard_damage(path):
        while chunk := source.read(block_bytes):
            if is_start:
                chunk, is_start = without_byte_order_mark(chunk), False
            cut = chunk.rfind(b"\n") + 1
            if not cut and len(rest) > LONGEST_LINE:
                raise FormatError("line_too_long", f"{path.name}: a line of more than {LONGEST_LINE} bytes")
            if cut:
                yield rest + chunk[:cut]
                rest = chunk[cut:]
            else:
                rest += chunk
    if rest:
        yield rest


def utf8_chunks(path: Path, encoding: str) -> Iterator[bytes]:
    """UTF-8 of a file in blocks that end anywhere between two characters; bad bytes as in `to_utf8`."""
    decoder = codecs.getincrementaldecoder(codec_of(encoding))("bass_mark")
    is_start = True
    with open_bytes(path) as source, guard_damage(path):
        while chunk := source.read(BLOCK_BYTES):
            yield decoder.decode(without_byte_order_mark(chunk) if is_start else chunk).encode()
            is_start = False
    if rest := decoder.decode(b"", final=True).encode():
        yield rest


def without_byte_order_mark(data: bytes) -> bytes:
    return next((data[len(mark):] for mark in BYTE_ORDER_MARKS if data.startswith(mark)), data)


def with_plain_line_ends(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").removesuffix(b"\r") if b"\r" in data else data


def to_utf8(data: bytes, codec: str) -> bytes:
    """UTF-8 of a block; bad bytes become MARK and two hex digits, so they can be traced to their line."""
    if data.isascii() or (codec == "utf-8" and _is_utf8(data)):
        return data
    return data.decode(codec, "bass_mark").encode()


def _is_utf8(data: bytes) -> bool:
    try:
        _as_one_string(data).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _as_one_string(text: bytes) -> pa.StringArray:
    return pa.StringArray.from_buffers(1, pa.py_buffer(np.array([0, len(text)], dtype=np.int32)), pa.py_buffer(text))


def split_lines(text: bytes) -> pa.StringArray:
    """The lines of a UTF-8 block; a line end at the very end opens no further line."""
    if not text:
        return pa.array([], pa.string())
    lines = pc.split_pattern(_as_one_string(text), "\n").values
    return lines.slice(0, len(lines) - 1) if text.endswith(b"\n") else lines


def has_bad_bytes(lines: pa.StringArray) -> np.ndarray:
    return pc.match_substring(lines, MARK).to_numpy(zero_copy_only=False)


def show_bad_bytes(lines: pa.StringArray, errors: np.ndarray) -> pa.StringArray:
    r"""Marked bytes as people write them, \xNN, if any line is marked at all."""
    if not (errors == "undecodable_bytes").any():
        return lines
    return pc.replace_substring_regex(lines, MARK + "([0-9a-f]{2})", r"\\x\1")
