"""The phrases around a grade that tell whether it was given, when, and for what."""

from __future__ import annotations

import re


def phrase(*pieces: str) -> re.Pattern[str]:
    """The pieces as one pattern: a space in them is any white space, capitals do not matter."""
    return re.compile("".join(pieces).replace(" ", r"\s+"), re.IGNORECASE)


_MARK = r"[\"']?"
_BE = r"(?:is|are|was|were)"
_A = r"(?:(?:an?|the|its) )?"
_SMALL_NUMBER = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[0-9]+%?)"
_SOME = r"(?:many|most|some|several|more than half|half|a (?:number|majority|range|third|quarter))"

# ── clauses ──

BREAK = phrase(
    r";|:(?=\s)|\s-\s",
    r"|,?\s+\b(?:while|whilst|whereas|although|though|but|since|because|when|yet|despite|however|even if)\b",
    r"|, (?:which|who|after|where|with|as late as)\b",
    r"|\b(?:said|says|say|decided|ruled|concluded|found|added) that\b",
    r"|^(?:While|Whilst|Although|Though|Whereas)\b",
)
"""Where a clause of a sentence ends and another begins."""
BRACKETS = re.compile(r"\([^()]*\)")
INSET = phrase(
    r", (?:(?:(?:of|in|for|on|to|with) )?which|who|whose|where|including|unlike|such as|with|run by|together with",
    r"|apart from|except|compared|a separate|itself|not)\b[^,.;:]{1,120},",
)
"""What stands between commas and says nothing of its own grade."""
VERDICT = phrase(
    r"(?:(?:the|its|their|this|our|an) )?(?:(?:new|latest|current) )?(?:verdict|rating|grade|judgement|mark|result)"
)
"""What a grade is, and not what it is for: "for care leavers the verdict was good"."""
WHO = re.compile(r",\s+(?:(?:on|in|of|for|to|with|by)\s+)?(?:which|who|whose)\b")

# ── behind a grade: what it is for ──

MARKED = phrase(
    r"[\"'.,]*\s*(?:too,? )?(?:(?:overall|there is|possible|available) )?",
    r"(?:(?:rating|grade|judgement|mark|verdict|grading|score|categor)\w* )?",
    r"(?:(?:was|were|is|are|been|each|both|also|given|awarded|handed) )*(?:for|in|on|across|in respect of) ",
)
"""A good rating | for …"""
INVERTED = phrase(
    rf"{_MARK},?\s*(?:too|also|as well)?,? (?:{_BE}|comes?|came|stands?|sits?|follows?) ",
    r"(?:(?:also|too) )?(?:how\b[^.;:]{0,40}?\bfor )?",
)
"""Good, | too, are …"""
LISTED = phrase(
    r"[\"'.,]*\s*[^.;:]{0,40}?[,\s:]\s*(?:including|namely|such as|among them|they are|these are) ",
    r"|[^.;:]{0,40}?:\s+",
)
"""Five were good, | namely …"""
SO_TOO = phrase(rf"(?: overall)?[;,]?\s*(?:and )?\b(?:so|as)\b[^.;:]{{0,50}}?\b(?:does|do|did|has|have|{_BE}) ")
"""Good, | and so are …"""
SO_NEXT = phrase(rf"So,? (?:too,? )?(?:do|does|did|{_BE}) ")
THEY_ARE = re.compile(
    r"(?:They|These|Those|The (?:two|three|four|five|others?))(?:\s+(?:two|three|four|five))?"
    r"\s+(?:includ\w+|are|were|is|was)\s+"
)
SHARES = phrase(r"\bshar(?:es?|ed|ing)\b")
SHARED = phrase(rf"{_MARK}(?: (?:grade|mark|rating|judgement))? with ")
OVERALL = phrase(rf"{_MARK},? (?:overall|as a whole|on the whole|taken as a whole|across the board)\b")
HALF = phrase(r"\bsafeguarding\b|\blooked[- ]after\b|\bin care\b")
"""A service whose own overall grade is one half of the old inspections' two."""
RESPECTIVELY = phrase(r"[\s\"',]*respectively\b")

# ── which areas are only counted ──

COUNTED = phrase(
    rf"\b(?:no|none|{_SMALL_NUMBER}|{_SOME}) (?:(?:of )?(?:the|its|these|them|those) )?(?:[a-z0-9-]+ ){{0,3}}?",
    r"(?:areas?|categor(?:y|ies)|judgements?|aspects?|headings?|verdicts?|outcomes?|others?",
    r"|of (?:these|them|those|its|the))\b",
)
"""A subject that counts areas and names none."""
PARTLY = phrase(
    rf"[\"'.,]*\s*(?:overall\s*)?(?:in|for|under|across) (?:{_SOME}(?: of)?|key|certain|other|\w+ of|{_SMALL_NUMBER}) ",
    r"(?:\w+ ){0,3}?(?:areas|categories|aspects|respects|judgements)",
)
OR_WORSE = phrase(r"\W*or (?:worse|better|below|above|outstanding|good)")

# ── a grade, or only an adjective ──

FOLLOWS = phrase(
    r"(?:overall|in|for|by|and|or|on|at|to|with|while|whilst|but|after|when|since|as|under|across|too|also|again|is|are",
    r"|was|were|from|of|both|respectively|now|last|this|that|because|although|though|despite|has|have|had|against|until",
    r"|before|says?|said|throughout|all|each|any|instead|so|then|it|they|he|she|who|which|yesterday|today|earlier",
    r"|inspectors|ofsted|during|following|there|possible|available|nor|if|even|alone|like|rather|just|only|the|its|their",
    r"|twice|once|within|back|except|one)\b",
)
"""Words that may stand behind a grade; before any other small-letter word it is an adjective: "good value"."""
NOUN = phrase(r"(?:overall )?(?:ratings?|grades?|gradings?|judgements?|marks?|verdicts?|status|score|band|box|categor)")
THEIRS = phrase(rf"{_MARK} {_BE} (?:its|their|the|our) (?:grade|mark|rating|verdict|judgement)s?\b")
ARTICLE = phrase(rf"\b(?:an?|the|its|their|another|that|second|first|third) {_MARK}$")
APART = phrase(rf",\s*(?:still|now|again|once more|also|each|both) {_MARK}$")
AT = phrase(rf"\b(?:at|on|as|with) (?:an? )?{_MARK}$")
APPOSED = phrase(rf"\w, {_MARK}$")
APPOSED_ENDS = phrase(rf"{_MARK}(?: (?:as well|too|also|again))?[;.,)]")
COLON = phrase(rf": {_MARK}$")
BEING_TAIL = phrase(
    r"(?: (?:still|now|also|only|again|both|all|each|already|deemed|simply|once more|currently|officially|thus))*",
    r"[\s\"',]*$",
)
OWN_SUBJECT = re.compile(r"[^\s\"',;:()-]")
UNNAMED = phrase(
    r"\W*(?:\b(?:and|but|so|yet|then|overall|also|now|still|again|today|yesterday|here|there|inspectors?|ofsted",
    r"|the watchdog|of|that|this|it)\b\W*)*",
)
"""Words at the head of a clause that name no subject."""
SAID_BEHIND = phrase(rf",{_MARK} (?:(?:he|she) )?(?:said|says|claimed|claims|insisted|argued|added|told)\b")
HAD_BEEN = re.compile(r"(?:Had|Were)\s[^,.]*\b(?:been|to be)\b")

# ── now, or before ──

TURNED = phrase(
    r"\b(?:no longer|any ?more|any longer|out of|lifted (?:from|out of)|escaped being|shed|shaken off|rid of)\b",
    r"[^.;]{0,30}$",
)
ANY_MORE = phrase(r"\b(?:any ?more|any longer)\b")
FROM = phrase(
    rf"\b(?:from|up from|down from|of old|instead of) (?:being )?{_A}(?:(?:rating of|grade of|old|previous) )?{_MARK}$"
)
TO = phrase(rf"\b(?:to|into) (?:be(?:ing)? )?{_A}{_MARK}$")
MOVES = phrase(
    r"\b(?:up|step up|improv\w*|ris(?:e|en|es|ing)|rose|mov\w*|progress\w*|down|fall\w*|fell|dropp\w*|drop|slipp\w*",
    r"|went|gone|goes|jump\w*|climb\w*|come|came|lifted|taken|upgraded|downgraded|raised|lowered|shift\w*|switch\w*)\b",
)
NOW = phrase(r"\b(?:now|today|this time|new|since then|latest)\b")
ADVISED = phrase(r"\b(?:advised|told|informed|reported|noted|heard|said|explained) (?:\w+ )?that\b")
"""Behind these words "had been" is only how one reports."""
AGAIN = re.compile(r"\band (?:again |once more )?(?:in|on) (?=[A-Z0-9])")
SINCE = phrase(r"\bsince (?:the )?$")
LONG_AGO = phrase(r"\blast year\b|\byears? (?:ago|later|afterwards|earlier|before)\b|\byear before\b")
RECENT = phrase(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|today|yesterday|tomorrow|week|weekend|next)\b",
)
