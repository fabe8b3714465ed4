"""Faults planted into finished files."""

from __future__ import annotations

from orchestration.sample_operator.landing_files import Landing


def plant(landing: Landing) -> list[dict]:
    return []
