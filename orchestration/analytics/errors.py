"""What an analysis refuses, as exceptions whose message says what to do about it."""

from __future__ import annotations


class AnalysisError(ValueError):
    """The frame or an argument cannot be used as it is."""


class LeakageError(AnalysisError):
    """The model knows more than can be known: a feature is made of the outcome, or rows stand on both sides."""
