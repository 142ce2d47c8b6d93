"""How long placing 150 quotes in a 300 kB text takes beside as many plain str.find calls, and what gets placed.

Usage: python bench/quotes.py. Both are timed in the same run, turn and turn about; only their ratio is meant.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from extractor.document import Document, Span
from extractor.evidence import locate

SIZE, EACH, ROUNDS = 300_000, 50, 7

WHO = """
the duty team
social workers in {place}
the fostering panel
most personal advisers
managers of the {place} office
the virtual school
{name}, who leads the service,
the emergency team
newly qualified staff
independent reviewing officers
inspectors led by {name}
the adoption agency
partners in health and housing
the youth justice service
foster carers
""".strip().splitlines()
DID = """
had seen {n} children within the timescale
closed {n} assessments before the summer
wrote to {n} families about the delay
looked again at {n} referrals from schools
found homes for {n} brothers and sisters
held {n} strategy meetings without the police
recorded the views of {n} young people
left {n} visits without a note
trained {n} volunteers as mentors
kept in touch with {n} care leavers
sampled {n} files at random
asked the court for {n} orders
agreed {n} plans for permanence
moved {n} cases to the {place} hub
paid {n} allowances late
""".strip().splitlines()
WHERE = """
in the villages round {place}
at the office in {place}
across the whole of the borough
during the spring term
in the weeks before the visit
after a warning from {name}
under the new “front door” arrangements
with the help of partners in {place}
since the last inspection
because of gaps in the children’s records
as {name} had promised
on the advice of the court
""".strip().splitlines()
THEN = """
and the records show why
but the reasons were not always written down
which {name} described as “steady progress”
although caseloads in {place} had risen to {n}
and {n} parents said that they felt heard
while {n} others were still waiting
so that no child was left without a worker
and supervision took place every {n} days
even where staff had left
which is {n} more than a year earlier
and the panel has asked for a report by {name}
but drift and delay remain
""".strip().splitlines()
ABSENT = """
{name} has resigned after {n} days as a trustee of the hospice in {place}
the minister promised {n} million for libraries
a consultation on closing {n} nurseries begins in {place} tomorrow
head teachers threaten to strike over heating at {n} primary schools
{name} was given a lifetime award for bringing orchestras to {place}
an appeal judge threw out the claim of {n} former residents
parking charges near the clinic in {place} will double from {n} pence
the ombudsman ordered {name} to repay {n} pounds
volunteers painted the youth club in {place} over {n} wet weekends
{n} apprentices joined the highways depot that {name} runs
bus passes for carers in {place} cost taxpayers {n} thousand a month
the mayor dismissed talk of merging {n} districts
""".strip().splitlines()
PLACES = [
    "Alderby",
    "Brackwell",
    "Corsley",
    "Dunmere",
    "Eastry",
    "Fenwick",
    "Garsdale",
    "Harrowby",
    "Ibstock",
    "Kelling",
    "Lowmoor",
    "Marsham",
    "Norwick",
]
FIRST = [
    "Ada",
    "Bethan",
    "Callum",
    "Dilys",
    "Edwin",
    "Farah",
    "Gareth",
    "Hilary",
    "Imogen",
    "Joss",
    "Kezia",
    "Leonard",
    "Maeve",
    "Nia",
    "Oswin",
    "Priya",
]
LAST = [
    "Amory",
    "Brackley",
    "Corrigan",
    "Dacre",
    "Elwood",
    "Fosse",
    "Gadd",
    "Harmer",
    "Ivory",
    "Jessop",
    "Kitto",
    "Lomas",
    "Mott",
    "Nairn",
    "Okoro",
    "Pryce",
]

_MARKS = str.maketrans("‘’“”–—\u00a0", "''\"\"-- ")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Case:
    """A quote, what kind it is, and the span that it was taken from."""

    kind: str
    quote: str
    origin: Span | None


def filled(dice: random.Random, template: str) -> str:
    """The template with names, places and numbers put in."""
    slots = {
        "{name}": lambda: f"{dice.choice(FIRST)} {dice.choice(LAST)}",
        "{place}": lambda: dice.choice(PLACES),
        "{n}": lambda: str(dice.randint(2, 980)),
    }
    return re.sub(r"\{\w+\}", lambda match: slots[match[0]](), template.strip())


def sentence(dice: random.Random) -> str:
    """One sentence of the text."""
    said = " ".join(filled(dice, dice.choice(parts)) for parts in (WHO, DID, WHERE))
    return f"{said[0].upper()}{said[1:]}, {filled(dice, dice.choice(THEN))}."


def corpus(dice: random.Random) -> tuple[str, list[Span]]:
    """A text of the wanted size in paragraphs, and the spans of its sentences."""
    text, spans, length = [], [], 0
    while length < SIZE:
        said = sentence(dice) + ("\n\n" if dice.random() < 0.2 else "\n" if dice.random() < 0.2 else " ")
        spans.append((length, length + len(said.rstrip())))
        text.append(said)
        length += len(said)
    return "".join(text), spans


def altered(dice: random.Random, quote: str) -> str:
    """The quote with one or two slips: a word lost, letters swapped, a comma added, another spelling of a word."""
    words = quote.split()
    at = dice.randrange(2, len(words) - 2)
    long = max(range(1, len(words)), key=lambda index: len(words[index]))
    match dice.randrange(4):
        case 0:
            del words[at]
        case 1:
            words[long] = words[long][:3] + words[long][4] + words[long][3] + words[long][5:]
        case 2:
            words[at] += ","
            del words[dice.choice([at - 1, at + 1])]
        case _:
            words[at : at + 1] = ["the", words[at]]
    return " ".join(words)


def invented(dice: random.Random) -> str:
    """A quote that nobody printed, half of the time with clauses of which each has its like in the text."""
    if dice.random() < 0.5:
        return filled(dice, dice.choice(ABSENT))
    return " ".join(filled(dice, dice.choice(parts)) for parts in (THEN, WHERE, WHO, DID))


def cases(dice: random.Random, text: str, spans: list[Span]) -> list[Case]:
    """As many verbatim, altered and absent quotes."""
    chosen = dice.sample(spans, 2 * EACH)
    made = [Case("verbatim", printed_otherwise(text[slice(*span)]), span) for span in chosen[:EACH]]
    made += [Case("altered", altered(dice, text[slice(*span)]), span) for span in chosen[EACH:]]
    made += [Case("absent", invented(dice), None) for _ in range(EACH)]
    dice.shuffle(made)
    return made


def printed_otherwise(quote: str) -> str:
    """The quote as a model writes it: straight quotation marks."""
    return quote.translate(_MARKS)


def normalised(text: str) -> str:
    """The floor's idea of folding."""
    return _SPACE.sub(" ", text.translate(_MARKS))


def by_find(text: str, quotes: list[str]) -> list[int]:
    """The floor: where str.find puts each quote in the normalised text."""
    plain = normalised(text)
    return [plain.find(normalised(quote)) for quote in quotes]


def by_locate(text: str, quotes: list[str]) -> list[tuple[Span, ...]]:
    """The project's own way, from a document that has not been folded yet."""
    document = Document(text=text)
    return [locate(document, quote).spans for quote in quotes]


def seconds(work: Callable[[], object]) -> float:
    """How long the work takes once."""
    started = perf_counter()
    work()
    return perf_counter() - started


def main() -> None:
    """Time both and print the ratio, then what was placed."""
    dice = random.Random(2024)
    text, sentences = corpus(dice)
    made = cases(dice, text, sentences)
    quotes = [case.quote for case in made]
    timed = [(seconds(lambda: by_find(text, quotes)), seconds(lambda: by_locate(text, quotes))) for _ in range(ROUNDS)]
    floor, ours = (min(column) for column in zip(*timed, strict=True))
    print(f"{len(quotes)} quotes, {len(text):,} characters, best of {ROUNDS} alternations")
    print(f"locate takes {ours / floor:.2f} times as long as str.find (aim: at most 4)")

    def right(case: Case, spans: tuple[Span, ...]) -> bool:
        return bool(spans and case.origin and spans[0][0] < case.origin[1] and case.origin[0] < spans[-1][1])

    placed = list(zip(made, by_locate(text, quotes), by_find(text, quotes), strict=True))
    for kind in ("verbatim", "altered"):
        own = [(case, spans, found) for case, spans, found in placed if case.kind == kind]
        rightly = sum(right(case, spans) for case, spans, _ in own)
        print(f"{kind} placed rightly: {rightly} of {len(own)} (str.find: {sum(found >= 0 for *_, found in own)})")
    wrongly = sum(bool(spans) for case, spans, _ in placed if case.kind == "absent")
    print(f"absent falsely placed: {wrongly} of {EACH}")


if __name__ == "__main__":
    main()
