"""What can go wrong in the harness itself."""

from __future__ import annotations

from extractor.errors import CallError, ExtractorError


class GoldError(ExtractorError):
    """A gold set that cannot be trusted: `problems` says what is wrong where, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ComparisonError(ExtractorError):
    """Runs that cannot be compared: another gold set, split or rubric, or scores that are not of their documents."""


class RunError(ExtractorError):
    """A run that cannot be read, written or made; says which and what to do."""


class GoldChanged(ExtractorError):
    """A run and a gold set that do not belong together: other labels, other documents."""


class NotRecorded(CallError):
    """A recording lacks a reply. Where a second question is concerned, its values stay as they are: withheld."""
