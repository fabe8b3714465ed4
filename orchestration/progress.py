"""Shows how far a command is: one line per step, on a terminal updated in place. Knows no step."""

from __future__ import annotations

import time
from typing import TextIO

QUIET_SECONDS = 10  # between lines of one step where lines cannot be updated in place
NOTE = "note"  # no step: a line that stays


class Progress:
    """Called with (step, text); remembers the seconds of each step."""

    def __init__(self, stream: TextIO) -> None:
        self.stream, self.is_terminal = stream, stream.isatty()
        self.seconds: dict[str, float] = {}
        self.step, self.text = "", ""
        self.began = self.shown = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._end("stopped" if kind else "")

    def __call__(self, step: str, text: str) -> None:
        if step == NOTE:
            self.stream.write(f"{self._start()}note  {text}\n")
            self.stream.flush()
            return
        if step != self.step:
            self._end()
            self.step, self.began = step, time.monotonic()
            self.shown = self.began
        self.text = text
        if self.is_terminal:
            self.stream.write(f"\r\x1b[2K{step:<8} {time.monotonic() - self.began:6.1f} s  {text}"[:120])
            self.stream.flush()
        elif time.monotonic() - self.shown > QUIET_SECONDS:
            self._line("...  ")

    def _end(self, text: str = "") -> None:
        if self.step:
            spent = time.monotonic() - self.began
            self.seconds[self.step] = self.seconds.get(self.step, 0.0) + spent
            self.text = text or self.text
            self._line("done ")
            self.step = ""

    def _line(self, mark: str) -> None:
        self.shown = time.monotonic()
        self.stream.write(f"{self._start()}{mark}{self.step:<8} {self.shown - self.began:6.1f} s  {self.text}\n")
        self.stream.flush()

    def _start(self) -> str:
        return "\r\x1b[2K" if self.is_terminal else ""
