"""Draws report.pdf: a made-up report in the layout of an official one, always to the same bytes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

HERE = Path(__file__).parent

LEFT, TOP, TITLE_AT, BOTTOM = 70, 770, 700, 90
WIDTH = 455
GRADES_AT, AREA_WIDTH = 310, 220
BODY, LINE, GAP = 12, 17.5, 9

TITLE = ("Inspection of Herefordshire local", "authority children’s services")
RUNNING = "Inspection of Herefordshire local authority children’s services"
DATES = "8 to 19 September 2025"
LEAD = "Lead inspector: Philippa Ravensdale, His Majesty’s Inspector"

GRADES = (
    ("The impact of leaders on social work practice with children and families", "Good"),
    ("The experiences and progress of children who need help and protection", "Requires improvement to be good"),
    ("The experiences and progress of children in care", "Good"),
    ("The experiences and progress of care leavers", "Outstanding"),
    ("Overall effectiveness", "Good"),
)

TEXT = """\
Children and young people in Herefordshire receive a better service than they did at the last inspection in 2021, \
when children’s services were judged to require improvement to be good. A settled group of senior leaders has made \
sure of that, step by step, and has kept the confidence of staff while doing so.

Most families are seen quickly and are helped by people who listen to them. Children in care live in homes where \
they are wanted, and almost all of them go to school every day. Young people who leave care are offered help that \
is exceptional in its reach and in its warmth. For children who live with neglect, however, plans are too often \
slow to change when nothing else does, and leaders know that this is the part of the service with the longest way \
to go.

# What needs to improve

* How soon plans change when a child’s life at home is not getting better.
* The record of why a decision was made, in the work of the out-of-hours team.
* The number of children who wait more than eight weeks for life-story work.

# The experiences and progress of children who need help and protection: requires improvement to be good

1. A well-run front door gives families a clear answer. Of the 96 contacts that inspectors looked at, all but four \
were dealt with on the same day.

2. Early help reaches more families than it did. About 430 families were being supported at the time of this \
inspection, and parents told inspectors that they no longer have to say the same thing to one worker after \
another.

3. Strategy meetings bring the right people together. Health staff attend nearly all of them, and police officers \
share what they know without being asked twice.

4. Where children live with neglect, practice is uneven. Some social workers measure change with care and act on \
what they find. Others describe the same worries in one review after the next, and seven children in the records \
that were read had been the subject of a plan for over two years.

5. The out-of-hours team keeps children safe at night and at weekends. What it does is not always written down in \
a way that helps the worker who takes over in the morning.

6. Children who go missing are spoken to when they return. These talks are unhurried, and what children say in \
them changes how risk is understood.

# The experiences and progress of children in care: good

7. Children come into care only when they need to. Family members are asked early, and 58 children live with \
relatives who have been assessed and are supported well.

8. Social workers visit often and are known by name. Children told inspectors about bicycle rides, birthday cards \
and promises that were kept.

9. Independent reviewing officers challenge delay. They write to children in plain language, and children keep the \
letters.

10. Twenty-three children have been waiting for more than eight weeks for life-story work. Leaders have a plan for \
this, and it has begun.

11. Foster carers feel part of the team. Three fostering households have left in the past year, and nine have \
joined.

# The experiences and progress of care leavers: outstanding

12. Personal advisers stay alongside young people for as long as they are wanted. No adviser has more than 18 \
young people to support, so there is time for a driving lesson, a hospital appointment or a bad day.

13. Ninety-four per cent of care leavers live somewhere that suits them. Nobody has been placed in bed and \
breakfast since 2022.

14. Young people help to run the service. They sit on interview panels, and the leaving-home guide that they wrote \
is now given to every 16-year-old in care.

# The impact of leaders on social work practice with children and families: good

15. The director of children’s services, Ambrose Netherwood, and his senior managers know their service well. What \
they told inspectors on the first day was what inspectors went on to find.

16. Councillors have put money behind their words. Spending on early help has risen by £1.2 million in two years.

17. Caseloads are manageable in most teams, and the share of agency workers has fallen from 31% to 12%. Staff say \
that they are trusted and looked after.

18. Audits are frequent and honest. They do not yet lead to change as quickly for neglected children as they do \
elsewhere.

This report is made up for demonstration: the council exists, the rest does not.
"""


@dataclass(frozen=True)
class _Line:
    words: str
    font: str
    size: float
    indent: float
    bullet: bool

    def draw(self, canvas: Canvas, y: float) -> None:
        if self.bullet:
            canvas.setFont("ZapfDingbats", 7)
            canvas.drawString(LEFT, y + 1, "n")
        canvas.setFont(self.font, self.size)
        canvas.drawString(LEFT + self.indent, y, self.words)


def draw(path: str | Path) -> None:
    """The report as a PDF at `path`."""
    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    canvas.setTitle("A made-up inspection report")
    y = _first_page(canvas)
    for paragraph in TEXT.strip().split("\n"):
        for line in _lines(paragraph):
            if y < BOTTOM:
                y = _turn(canvas)
            line.draw(canvas, y)
            y -= LINE
        y -= GAP if not paragraph else 0
    canvas.save()


def _first_page(canvas: Canvas) -> float:
    y = float(TITLE_AT)
    for font, size, line in (
        *(("Helvetica-Bold", 20, line) for line in TITLE),
        ("Helvetica-Bold", 12, f"Inspection dates: {DATES}"),
        ("Helvetica-Bold", 12, LEAD),
    ):
        canvas.setFont(font, size)
        canvas.drawString(LEFT, y, line)
        y -= size + 10
    return _table(canvas, y - GAP) - LINE


def _table(canvas: Canvas, y: float) -> float:
    """The judgements: an area that is too long for its cell wraps, and its grade stands level with the first line."""
    rows = (("Judgement", "Grade"), *GRADES)
    for number, (area, grade) in enumerate(rows):
        font = "Helvetica-Bold" if number in (0, len(rows) - 1) else "Helvetica"
        lines = simpleSplit(area, font, BODY, AREA_WIDTH)
        canvas.setFont(font, BODY)
        for row, line in enumerate(lines):
            canvas.drawString(LEFT, y - row * LINE, line)
        canvas.drawString(GRADES_AT, y, grade)
        y -= len(lines) * LINE
        canvas.line(LEFT, y + LINE - 4, LEFT + WIDTH, y + LINE - 4)
        y -= 6
    return y


def _turn(canvas: Canvas) -> float:
    """A new page, its running footer drawn first, as in the official reports."""
    canvas.showPage()
    canvas.setFont("Helvetica", 8)
    canvas.drawString(LEFT, 50, RUNNING)
    canvas.drawString(LEFT, 38, DATES)
    canvas.drawRightString(LEFT + WIDTH, 38, str(canvas.getPageNumber()))
    return float(TOP)


def _lines(paragraph: str) -> Iterator[_Line]:
    """The lines of one paragraph; "# " opens a heading and "* " an item with a bullet."""
    font, size, indent, bullet = "Helvetica", BODY, 0, False
    if paragraph.startswith("# "):
        font, size = "Helvetica-Bold", 13
    elif paragraph.startswith("* "):
        indent, bullet = 16, True
    for words in simpleSplit(paragraph.removeprefix("# ").removeprefix("* "), font, size, WIDTH - indent):
        yield _Line(words, font, size, indent, bullet)
        bullet = False


if __name__ == "__main__":
    draw(sys.argv[1] if len(sys.argv) > 1 else HERE / "report.pdf")
