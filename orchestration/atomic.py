"""Files as other processes and other users see them: replaced whole, and open to nobody but their owner.

Written beside and renamed, no reader and no kill sees half of one. While a home is written, what is made belongs
to its owner alone; only what is published is open to those whom the caller's own umask lets in.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from orchestration import settings

_callers: list[int] = []  # the umask in force before `owner_only`


def replace_file(path: Path, write: Callable[[Path], Any]) -> None:
    """Calls `write` with a hidden name beside `path`, then puts that file in its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    write(temporary)
    os.replace(temporary, path)


@contextmanager
def owner_only() -> Iterator[None]:
    """Files and folders made inside are the owner's alone, unless settings say otherwise."""
    _callers.append(os.umask(settings.umask()))
    try:
        yield
    finally:
        os.umask(_callers.pop())


def share(*paths: Path) -> None:
    """Opens files or folders to those whom the umask of the caller lets in."""
    if _callers:
        for path in paths:
            path.chmod((0o777 if path.is_dir() else 0o666) & ~_callers[0])


def sync(path: Path) -> None:
    """Makes a file and its name outlast a loss of power."""
    for one in (path, path.parent):
        handle = os.open(one, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
