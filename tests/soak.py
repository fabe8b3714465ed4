"""Cases of a parametrized test that run with `--soak` only, since others of their kind stand for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def only_with_soak(cases: Iterable[Any]) -> list[Any]:
    return [pytest.param(case, marks=pytest.mark.soak) for case in cases]
