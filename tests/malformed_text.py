"""Plain text that nobody should have written."""

from __future__ import annotations

from collections.abc import Callable, Mapping

WORDS = "Ofsted has rated children's services in Rutland good overall.\n"


def after(piece: str, characters: int) -> bytes:
    """A sound sentence, and so many characters of this."""
    return (WORDS + piece * (characters // len(piece))).encode("utf-8", "surrogatepass")


CASES: Mapping[str, Callable[[str], bytes]] = {
    "one-line-of-99-megabytes": lambda _: after("good ", 99_000_000),
    "one-line-of-101-megabytes": lambda _: after("good ", 101_000_000),
    "one-line-of-9-megabytes": lambda _: after("good ", 9_000_000),
    "one-word-of-9-megabytes": lambda _: after("g", 9_000_000),
    "digits-of-9-megabytes": lambda _: after("7", 9_000_000),
    "brackets-of-9-megabytes": lambda _: after("(", 9_000_000),
    "spaces-of-9-megabytes": lambda _: after(" ", 9_000_000),
    "lines-empty-a-million": lambda _: after("\n", 1_000_000),
    "lines-empty-only": lambda _: b"\n" * 1_000_000,
    "lines-ended-in-the-old-way": lambda _: after("good\r", 200_000),
    "bytes-high-of-9-megabytes": lambda _: b"\xff" * 9_000_000,
    "character-cut-at-the-end": lambda _: WORDS.encode() + "“".encode()[:2],
    "character-too-long-by-a-byte": lambda _: WORDS.encode() + b"\xc0\xaf\xe0\x80\xaf",
    "halves-of-characters-as-utf-8": lambda _: after("\ud800\udc00", 100),
    "halves-of-characters-in-utf-16": lambda _: b"\xff\xfe" + WORDS.encode("utf-16-le") + b"\x00\xd8" * 100,
    "utf-16-without-a-mark": lambda _: WORDS.encode("utf-16-le"),
    "utf-16-of-the-other-end": lambda _: b"\xfe\xff" + WORDS.encode("utf-16-le"),
    "utf-16-of-an-odd-length": lambda _: b"\xff\xfe" + WORDS.encode("utf-16-le") + b"\0",
    "utf-32": lambda _: WORDS.encode("utf-32"),
    "utf-7": lambda _: WORDS.replace("good", "+AGcAbwBvAGQ-").encode(),
    "ebcdic": lambda _: WORDS.encode("cp037"),
    "koi8-r": lambda _: ("Хорошо. " * 20).encode("koi8-r"),
    "shift-jis": lambda _: ("良い評価。" * 20).encode("shift-jis"),
    "big5": lambda _: ("良好的評價。" * 20).encode("big5"),
    "windows-1252-of-curls": lambda _: ("“Good” – said the council’s leader. " * 20).encode("cp1252"),
    "mark-in-the-middle": lambda _: after("\ufeff", 100),
    "marks-only": lambda _: "\ufeff".encode() * 1000,
    "combining-marks-only": lambda _: ("\u0301" * 1_000_000).encode(),
    "combining-marks-after-a-letter": lambda _: after("g" + "\u0301" * 10_000, 1_000_000),
    "right-to-left-marks": lambda _: after("\u202e\u2066\u200f", 300_000),
    "unseen-characters": lambda _: after("\u200b\u00ad\u2060", 300_000),
    "ligatures": lambda _: after("ﬁ", 300_000),
    "nuls": lambda _: WORDS.encode() + bytes(1000),
    "nul-alone": lambda _: b"\0",
    "control-characters-one-in-ten": lambda _: after("good is a\x01", 1000),
    "escapes-of-a-terminal": lambda _: after("\x1b]8;;http://192.0.2.1\x07\x1b[2J", 1000),
    "form-feeds": lambda _: after("\f\v", 1000),
    "separators-of-lines": lambda _: after("good\u2028\u2029\u0085", 100_000),
    "noncharacters": lambda _: after("\ufffe\uffff\U0010ffff", 1000),
    "private-characters": lambda _: after("\uf0b7\ue000", 10_000),
}
"""By name what makes the bytes, given an address that nobody may ask for."""

MARKDOWN: Mapping[str, Callable[[str], bytes]] = {
    "quotes-100000-deep": lambda _: after(">", 100_000),
    "links-100000": lambda out: after(f"[a]({out})", 1_000_000),
    "stars": lambda _: after("*", 1_000_000),
    "bars": lambda _: after("|", 1_000_000),
    "dashes": lambda _: after("- ", 1_000_000),
    "page-in-it": lambda _: WORDS.encode() + b"<script>alert(1)</script><img src=x onerror=alert(1)>",
}
"""The same of Markdown."""
