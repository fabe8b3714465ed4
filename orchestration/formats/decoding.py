"""Bytes to UTF-8 text in blocks of whole lines, and the marking of bytes that cannot be decoded.

Knows compression, byte order marks, line ends and encodings; knows nothing about columns.
Lines are cut before decoding: 0x0A is never part of a longer character, neither in UTF-8 nor in
GB18030. Delimiters are cut after decoding, because 0x7C (`|`) can be the second byte of a Chinese character.
"""

from __future__ import annotations

import codecs
import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.contracts import MOST_UNPACKED, Contract
from orchestration.formats.reading import FormatError

BLOCK_BYTES = 4 << 20
LONGEST_LINE = 32 << 20
MARK = "\ufdd0"  # a noncharacter: never part of honest text; here it announces two hex digits of a bad byte
MARK_BYTES = MARK.encode()
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\x84\x31\x95\x33")  # UTF-8, GB18030
# RuntimeError: a zip with a password; NotImplementedError: a way of packing that nobody knows
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"  # the first bytes of a packed file
DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, RuntimeError, NotImplementedError)
FEW_CHINESE = 4  # different Chinese characters; by chance a word or two of GB18030 is UTF-8 as well
SMALL_UNPACKED = 16 << 20  # so much may any file hold, however well it packs
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


class Source:
    """The content of a file, whatever it is packed in.

    Raises FormatError when there is more of it than the contract allows, or than an honest file packs, and when it was
    packed twice.
    """

    def __init__(self, path: Path, contract: Contract):
        self.path, self.left, self.is_start = path, most_bytes(path, contract), True
        self.source = open_bytes(path)

    def read(self, size: int) -> bytes:
        data = self.source.read(size)
        if self.is_start and data.startswith((GZIP, ZIP)):
            raise FormatError("packed_twice", f"{self.path.name}: what was packed is packed itself")
        self.is_start = False
        self.left -= len(data)
        if self.left < 0:
            raise too_large(self.path)
        return data

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self.source.close()


def most_bytes(path: Path, contract: Contract) -> int:
    """So many bytes may come out of a file: what the contract allows and, if it is packed, what an honest one holds."""
    size = path.stat().st_size
    if size > contract.largest_bytes:
        raise too_large(path)
    return min(contract.largest_bytes, max(SMALL_UNPACKED, size * MOST_UNPACKED))


def too_large(path: Path) -> FormatError:
    return FormatError("too_large", f"{path.name}: more than the contract allows (largestBytes), or a packed bomb")


def open_bytes(path: Path) -> IO[bytes]:
    """The content without limit; what it is packed in is told by its first bytes, not by its name."""
    with path.open("rb") as plain:
        magic = plain.read(4)
    if magic.startswith(GZIP):
        return gzip.open(path)
    if magic == ZIP:
        with guard_damage(path), zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if len(names) != 1:
                raise FormatError("zip_members", f"{path.name}: {len(names)} files in the archive, expected one")
            return archive.open(names[0])
    return path.open("rb")


@contextmanager
def guard_damage(path: Path) -> Iterator[None]:
    """Turns the many errors of damaged archives into one FormatError."""
    try:
        yield
    except DAMAGE as error:
        raise FormatError("gzip_damaged", f"{path.name}: {error}") from error


def line_blocks(path: Path, contract: Contract) -> Iterator[Block]:
    """Blocks cut at line ends, without byte order mark. Blocks without text only move the line count."""
    line, held = 1, None
    for data in _cut_at_lines(path, contract):
        line_ends = int(np.count_nonzero(np.frombuffer(data, dtype=np.uint8) == 10))
        if data[:1] not in b"\r\n" or data.strip(b"\r\n"):
            if held:
                yield held
            held = Block(line, data, line_ends, False)
        line += line_ends
    if held:
        yield replace(held, is_last=True)


def _cut_at_lines(path: Path, contract: Contract) -> Iterator[bytes]:
    rest, is_start = b"", True
    with Source(path, contract) as source, guard_damage(path):
        while chunk := source.read(BLOCK_BYTES):
            if is_start:
                refuse_utf8(chunk, path, contract)
                chunk, is_start = without_byte_order_mark(chunk), False
            cut = chunk.rfind(b"\n") + 1
            if not cut and len(rest) > LONGEST_LINE:
                raise FormatError("line_too_long", f"{path.name}: a line of more than {LONGEST_LINE} bytes")
            if cut:
                yield _without_seams(rest + chunk[:cut])
                rest = chunk[cut:]
            else:
                rest += chunk
    if rest:
        yield _without_seams(rest)


def _without_seams(lines: bytes) -> bytes:
    """Files that were put together have a byte order mark at the beginning of some line."""
    for mark in BYTE_ORDER_MARKS:
        lines = lines.removeprefix(mark).replace(b"\n" + mark, b"\n")
    return lines


def utf8_chunks(path: Path, contract: Contract) -> Iterator[bytes]:
    """UTF-8 of a file in blocks that end anywhere between two characters; bad bytes as in `to_utf8`."""
    decoder = codecs.getincrementaldecoder(codec_of(contract.encoding))("bass_mark")
    is_start = True
    with Source(path, contract) as source, guard_damage(path):
        while chunk := source.read(BLOCK_BYTES):
            if is_start:
                refuse_utf8(chunk, path, contract)
            yield decoder.decode(without_byte_order_mark(chunk) if is_start else chunk).encode()
            is_start = False
    if rest := decoder.decode(b"", final=True).encode():
        yield rest


def refuse_utf8(start: bytes, path: Path, contract: Contract) -> None:
    """GB18030 gives most bytes some meaning: UTF-8 read as such is no error but wrong names. Raises FormatError.

    The beginning of a file tells: what is UTF-8 throughout and holds some Chinese text is no GB18030.
    """
    if codec_of(contract.encoding) != "gb18030" or start.isascii():
        return
    text = codecs.getincrementaldecoder("utf-8")("ignore").decode(start)
    chinese = sum("\u2e80" <= letter <= "\uffef" for letter in set(text))
    is_utf8 = len(text.encode()) > len(start) - 4 and chinese >= FEW_CHINESE
    if is_utf8 or start.startswith(BYTE_ORDER_MARKS[0]):
        raise FormatError("wrong_encoding", f"{path.name}: this is UTF-8, agreed is {contract.encoding}")


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
