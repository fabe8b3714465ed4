"""What a failure that is nobody's defect means in words: full disk, folder that cannot be written."""

from __future__ import annotations

import errno
import re
import shutil
from pathlib import Path

FULL = re.compile(r"no space left|disk is full|disk quota exceeded|could not write all bytes", re.IGNORECASE)
CLOSED = re.compile(
    r"read-only file system|readonly database|permission denied|operation not permitted|unable to open database",
    re.IGNORECASE,
)
# What SQLite says when it cannot lengthen its shared memory; with room left it is another trouble of the disk.
INPUT_OUTPUT = re.compile(r"disk i/o error", re.IGNORECASE)
ROOM = 1 << 20  # bytes


def advice(error: BaseException, folder: Path) -> str | None:
    """What to do about an error of a command that writes below `folder`; None when it speaks for itself."""
    text = "; ".join(str(cause) for cause in _causes(error))
    numbers = {getattr(cause, "errno", None) for cause in _causes(error)}
    is_full = INPUT_OUTPUT.search(text) and folder.exists() and shutil.disk_usage(folder).free < ROOM
    if numbers & {errno.ENOSPC, errno.EDQUOT} or FULL.search(text) or is_full:
        return "the disk is full: make room and run the same command again; what is published is as it was"
    if numbers & {errno.EROFS, errno.EACCES, errno.EPERM} or CLOSED.search(text):
        return "a folder cannot be written: make it writable and run the same command again"
    return None


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    while error and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
