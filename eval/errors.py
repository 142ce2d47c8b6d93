"""What can go wrong in the harness itself."""

from __future__ import annotations

from extractor.errors import ExtractorError


class GoldError(ExtractorError):
    """A gold set that cannot be trusted: `problems` says what is wrong where, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
