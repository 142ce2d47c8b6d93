"""The inspection record, said once: what each field means, in the words that the model reads too.

Every field is *said* (the text's own words), *chosen* (from a closed list) or *derived* (by code, with a basis in
place of a quote). `wire` derives from this the shape that a model fills, and `gold` the shape that a person labels.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Origin(Enum):
    """Where a field's value comes from."""

    SAID = "said"
    CHOSEN = "chosen"
    DATE = "date"  # said as words, derived as EDTF
    DERIVED = "derived"


Said = Origin.SAID
Chosen = Origin.CHOSEN
Date = Origin.DATE
Derived = Origin.DERIVED

Grade = Literal["outstanding", "good", "requires improvement", "adequate", "inadequate", "not judged"]
Inspectorate = Literal["Ofsted", "Care Quality Commission", "HMICFRS", "HMI Probation", "other"]
InspectionType = Literal["full", "short", "standard", "re-inspection", "monitoring visit", "focused visit", "other"]
Framework = Literal["SLAC", "CPI", "TLAC", "SIF", "ILACS", "JTAI", "area SEND", "other"]
FrameworkBasis = Literal["named", "areas", "dates"]
GradeAbsent = Literal["not in framework", "ungraded visit", "not stated"]
Qualifier = Literal["exact", "about", "over", "under", "up to"]
Scope = Literal["local", "national"]
FindingKind = Literal["strength", "weakness", "recommendation"]
ActionStatus = Literal["done", "under way", "planned"]

EDTF = Annotated[str, Field(pattern=r"^([0-9X]{4})(-[0-9X]{2}(-[0-9X]{2})?)?$")]


class Part(BaseModel):
    """Base of every part of a record: no unknown keys."""

    model_config = ConfigDict(extra="forbid")


class Authority(Part):
    """The council whose services were inspected."""

    name: Annotated[str | None, Derived] = Field(None, description="Short name in the register of authorities.")
    as_written: Annotated[str, Said] = Field(
        description="The inspected council as the text names it, with 'Council' where the text has it: "
        "'Anyshire County Council', 'Medborough'. Never a neighbour, partner or former employer."
    )
    gss_code: Annotated[str | None, Derived] = Field(None, description="ONS code, by the register.")
    la_code: Annotated[str | None, Derived] = Field(None, description="Three-digit DfE code, by the register.")


class Judgement(Part):
    """A grade that the inspectorate gave to one area in this inspection.

    Only grades given in this inspection: not older grades, claims, hopes, or other bodies' grades, and never the
    overall grade. Adjectives such as 'good work' are no grades. A monitoring visit, focused visit, JTAI or area SEND
    inspection gives none. The quote must show both the area and its grade.
    """

    area: Annotated[str, Said] = Field(
        description="The judged area in the text's own words, one area an item; never a paraphrase."
    )
    area_code: Annotated[str | None, Derived] = Field(None, description="Code in areas.csv; null where none fits.")
    grade: Annotated[Grade, Chosen] = Field(
        description="The grade. 'requiring improvement' and 'requires improvement to be good' are 'requires "
        "improvement'; the bottom of four grades is 'inadequate', the top 'outstanding'."
    )


class PreviousJudgement(Part):
    """An older grade that the text recalls, given before this inspection."""

    area: Annotated[str | None, Said] = Field(
        None, description="The area in the text's words; null where it was the overall grade."
    )
    grade: Annotated[Grade, Chosen] = Field(description="The older grade.")
    date: Annotated[EDTF | None, Date] = Field(
        None, description="When it was given, in the text's words ('in 2019'); null where the text does not say."
    )


class Claim(Part):
    """A grade that somebody other than the inspectorate asserts, such as a leader praising a service."""

    speaker: Annotated[str, Said] = Field(description="Who asserts it, as named in the text.")
    area: Annotated[str | None, Said] = Field(None, description="What it is said of, in the text's words.")
    grade: Annotated[Grade, Chosen] = Field(description="The grade asserted.")


class Count(Part):
    """A quantity about the inspection, the service or its children.

    Not ages, ordinals, money of other bodies, gaps between visits, dates or page numbers. 'No area was better than
    adequate' counts 0 areas; 'a five-day visit' is 5 days.
    """

    measure: Annotated[str, Said] = Field(description="What is counted, close to the text's words.")
    measure_code: Annotated[str | None, Derived] = Field(None, description="Code in measures.toml; null if none fits.")
    value: Annotated[int | float | None, Said] = Field(
        description="The number as printed: £3.5m is 3.5; null for a quantity said without one ('a clear majority')."
    )
    qualifier: Annotated[Qualifier, Chosen] = Field(
        "exact", description="'about' for roughly, 'over' for more than, 'under' for fewer than; otherwise 'exact'."
    )
    unit: Annotated[str | None, Said] = Field(
        None,
        description="What is numbered, in the text's words (from the sentence before, where only the number stands): "
        "children, case files, weeks, areas; %; £, £m.",
    )
    as_of: Annotated[EDTF | None, Date] = Field(
        None,
        description="The date at which it held, in the text's words ('at the end of last year'); null if not said.",
    )
    scope: Annotated[Scope, Chosen] = Field("local", description="'national' for England-wide figures.")


class Person(Part):
    """A person whom the text names in this matter. A byline is not one, nor is a lead inspector."""

    name: Annotated[str, Said] = Field(description="Name without titles: 'Ann Lee', not 'Cllr Lee'.")
    role: Annotated[str | None, Said] = Field(None, description="The role in the text's words; null if not said.")
    organisation: Annotated[str | None, Said] = Field(None, description="Their body in the text's words, or null.")


class Statement(Part):
    """What somebody is reported to have said: one sentence an item, where it is quoted."""

    speaker: Annotated[str, Said] = Field(description="Full name of the speaker as the text gives it, or the body.")
    text: Annotated[str, Said] = Field(description="Their words, exactly as printed, without the quotation marks.")
    direct: Annotated[bool, Chosen] = Field(description="True where the words stand in quotation marks.")


class Finding(Part):
    """A strength, weakness or recommendation that the inspectors found, in the text's words."""

    kind: Annotated[FindingKind, Chosen] = Field(
        description="'recommendation' for what the inspectorate says must be done."
    )
    text: Annotated[str, Said] = Field(description="The finding, exactly as printed; one an item.")


class Action(Part):
    """What the inspected body says it has done, is doing or will do about it."""

    text: Annotated[str, Said] = Field(description="The action, exactly as printed; one an item.")
    status: Annotated[ActionStatus, Chosen] = Field(description="Whether it is done, under way or planned.")


class InspectionRecord(Part):
    """One inspection. A document holds zero, one or several; each field null or empty where the text does not say."""

    authority: Annotated[Authority | None, Said] = Field(
        None, description="The council whose children's services were inspected; null where the text names none."
    )
    provider: Annotated[str | None, Said] = Field(
        None, description="A home, school, agency or trust, when that is what was inspected; otherwise null."
    )
    inspectorates: Annotated[list[Inspectorate], Chosen] = Field(
        default_factory=list, description="Who inspected. 'Ofsted' where Ofsted did."
    )
    inspection_type: Annotated[InspectionType | None, Chosen] = Field(
        None,
        description="Only where the text shows it: 'short' and 'standard' only in those words, 'monitoring visit' "
        "and 'focused visit' in those words, 're-inspection' for a repeat of a full one. Null if not said.",
    )
    framework: Annotated[Framework | None, Chosen] = Field(
        None,
        description="Only where the text names it ('single inspection framework' is SIF); otherwise null.",
    )
    framework_basis: Annotated[FrameworkBasis | None, Derived] = Field(
        None, description="How the framework is known: named in the text, by its areas, or by the dates of fieldwork."
    )
    inspection_start: Annotated[EDTF | None, Date] = Field(
        None, description="First day (or month) of the inspection, in the text's words; not the publication."
    )
    inspection_end: Annotated[EDTF | None, Date] = Field(
        None, description="Last day (or month) of the inspection, in the text's words; the same words if only one."
    )
    report_published: Annotated[EDTF | None, Date] = Field(
        None, description="When the report or letter was published, in the text's words; null if not said."
    )
    lead_inspectors: Annotated[list[str], Said] = Field(
        default_factory=list, description="Names of the lead inspectors; not repeated in people."
    )
    overall_grade: Annotated[Grade | None, Chosen] = Field(
        None,
        description="The one grade for overall effectiveness or for children's services as a whole, given in this "
        "inspection. Null where only areas are graded or none is.",
    )
    overall_grade_absent: Annotated[GradeAbsent | None, Derived] = Field(
        None, description="Why there is no overall grade; null where there is one."
    )
    outcome: Annotated[str | None, Said] = Field(
        None, description="What an ungraded inspection concluded, in one sentence exactly as printed; otherwise null."
    )
    judgements: Annotated[list[Judgement], Said] = Field(
        default_factory=list, description="Grades given in this inspection to single areas, one item an area."
    )
    previous_judgements: Annotated[list[PreviousJudgement], Said] = Field(
        default_factory=list, description="Older grades that the text recalls."
    )
    claims: Annotated[list[Claim], Said] = Field(
        default_factory=list, description="Grades that somebody other than the inspectorate asserts."
    )
    counts: Annotated[list[Count], Said] = Field(default_factory=list, description="Quantities.")
    people: Annotated[list[Person], Said] = Field(default_factory=list, description="Persons named in this matter.")
    statements: Annotated[list[Statement], Said] = Field(
        default_factory=list, description="Reported and quoted speech, one sentence an item."
    )
    findings: Annotated[list[Finding], Said] = Field(
        default_factory=list, description="Strengths, weaknesses and recommendations."
    )
    actions: Annotated[list[Action], Said] = Field(
        default_factory=list, description="What the inspected body has done or will do."
    )
