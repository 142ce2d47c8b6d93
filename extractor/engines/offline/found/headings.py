"""What stands under a heading or a lead-in: recommendations, strengths, weaknesses, or findings of either tone."""

from __future__ import annotations

import re

from extractor.engines.offline.found.wording import wording, words

_KINDS = ("recommendation", "strength", "weakness", "mixed")
_LONGEST = 110
_HEADING = re.compile(r"[A-Z](?:(?![.!?]\s).)*(?<![.,;0-9])$")
_LEAD = re.compile(r"\W?\w.{0,400}(?::|\bbecause)$")
_FOLLOWING = r"\bfollowing(?: [\w'-]+){0,6}"
_CALLS_FOR_ITEMS = re.compile(
    rf"(?:\b(?:should|must|actions?|immediately|months?|weeks?|year)|{_FOLLOWING}):$|{_FOLLOWING}\.$", re.IGNORECASE
)


def heading_kind(text: str) -> str | None:
    """The kind of what stands under a heading or a lead-in; null where it is neither, or of no kind that is known."""
    is_lead = text.endswith((":", "because")) and _LEAD.fullmatch(text) is not None
    if not is_lead and (len(text) > _LONGEST or not _HEADING.fullmatch(text)):
        return None
    said = words(text)
    if not is_lead and wording("tones.toml", "headings", "other").has(said):
        return None
    kinds = [kind for kind in _KINDS if wording("tones.toml", "headings", kind).has(said)]
    if "strength" in kinds and "weakness" in kinds:
        return "mixed"
    return kinds[0] if kinds else None


def is_part(text: str) -> bool:
    """Whether the words can be a heading among the items of a section: none that a report's other sections have."""
    return (
        len(text) <= _LONGEST
        and _HEADING.fullmatch(text) is not None
        and not wording("tones.toml", "headings", "other").has(words(text))
    )


def calls_for_items(text: str) -> bool:
    """Whether the words only lead in what follows: "the partnership should:", "take the following action."."""
    return _CALLS_FOR_ITEMS.search(text) is not None
