"""What leaves: a draft's values that stand become records and evidence, the rest is withheld with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from extractor.checking import Check
from extractor.derive import derived
from extractor.document import Document
from extractor.engines import Draft
from extractor.schemas.extraction import Evidence, Warned, Withheld
from extractor.schemas.inspection import Date, InspectionRecord
from extractor.schemas.wire import origin, quoted

JSON = dict[str, Any]


@dataclass
class Delivery:
    """What a draft became."""

    records: list[BaseModel] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)


def deliver(
    document: Document, draft: Draft, schema: type[BaseModel], *, published: str | None, verified_only: bool
) -> Delivery:
    """Turn a draft into what the caller gets; nothing in it is dropped without a word."""
    delivery = Delivery(warnings=[Warned(code=code, field=where, message=text) for code, where, text in draft.warnings])
    for piece in draft.unshaped:
        quote = next((item["quote"] for _, item in quoted(piece.value)), "")
        delivery.withheld.append(
            Withheld(field=piece.field, value=piece.value, model_quote=quote, reason=piece.problem)
        )
    for index, tree in enumerate(draft.records):
        gate = _Gate(document, draft.checks, verified_only, delivery.withheld)
        place = f"/records/{len(delivery.records)}"
        standing = gate.standing(tree, f"/records/{index}", place)
        if standing is _GONE:
            continue
        if not any(value not in (None, []) for value in standing.values()):
            delivery.warnings.append(Warned(code="empty_record", message="A record that says nothing was left out."))
            continue
        record = _finished(standing, schema, document, published, place, gate)
        if record is not None:
            delivery.records.append(record)
            delivery.evidence += gate.evidence
            delivery.warnings += gate.warnings
    return delivery


_GONE = object()


@dataclass
class _Gate:
    """Lets one record's checked items through as evidence, or withholds them."""

    document: Document
    checks: Mapping[str, Check]
    verified_only: bool
    withheld: list[Withheld]
    evidence: list[Evidence] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)

    def standing(self, node: Any, drafted: str, place: str) -> Any:
        """What of a drafted tree stands, in the source's own words; _GONE where the node itself does not.

        `drafted` is the node's pointer in the draft, `place` where it will stand in the delivered record.
        """
        if isinstance(node, list):
            kept: list[Any] = []
            for index, item in enumerate(node):
                value = self.standing(item, f"{drafted}/{index}", f"{place}/{len(kept)}")
                if value is not _GONE:
                    kept.append(value)
            return kept
        if not isinstance(node, dict):
            return node
        if drafted in self.checks:
            if not self._passes(node, self.checks[drafted], place):
                return _GONE
            node = self._in_source_words(node, self.checks[drafted], place)
        parts = {key: self.standing(value, f"{drafted}/{key}", f"{place}/{key}") for key, value in node.items()}
        return {key: None if value is _GONE else value for key, value in parts.items()}

    def _passes(self, item: JSON, check: Check, place: str) -> bool:
        reason = self._against(check)
        if reason:
            self.withheld.append(
                Withheld(
                    field=_nowhere(place),
                    value={key: value for key, value in item.items() if key != "quote"},
                    model_quote=item["quote"],
                    nearest=check.nearest or check.quote or None,
                    reason=reason,
                )
            )
            return False
        self.evidence.append(
            Evidence(
                field=place,
                quote=check.quote,
                spans=[(start, end, self.document.page_of(start)) for start, end in check.spans],
                verdict="verified" if check.verdict == "verified" else "altered",
                support="yes" if check.support == "yes" else "unknown",
                model_quote=check.model_quote,
                basis=check.basis,
            )
        )
        if check.support == "unknown":
            self.warn("support_unknown", place, check.reason or "The passage does not show the value.")
        return True

    def _against(self, check: Check) -> str | None:
        if not check.delivered:
            return check.reason or "the quote is not in the document"
        if self.verified_only and (check.verdict != "verified" or check.support != "yes"):
            return check.reason or f"only verified values were asked for, and this quote is {check.verdict}"
        return None

    def _in_source_words(self, item: JSON, check: Check, place: str) -> JSON:
        """The item's said values cut from the source; a role or body that the source does not have is withheld."""
        values = {**item, **check.said, "quote": check.quote}
        for key in {"role", "organisation"} & item.keys():
            if item[key] is not None and key not in check.said:
                values[key] = None
                self.withheld.append(
                    Withheld(
                        field=f"{place}/{key}",
                        value=item[key],
                        model_quote=item["quote"],
                        nearest=check.quote,
                        reason="the document does not say it in these words",
                    )
                )
        return values

    def warn(self, code: str, where: str | None, message: str) -> None:
        """Note something that a reader of the record should know."""
        self.warnings.append(Warned(code=code, field=where, message=message))


def _nowhere(place: str) -> str:
    """The pointer of a withheld value: a list's is the one past its end."""
    head, _, last = place.rpartition("/")
    return f"{head}/-" if last.isdigit() else place


def _finished(
    standing: JSON, schema: type[BaseModel], document: Document, published: str | None, place: str, gate: _Gate
) -> BaseModel | None:
    """The delivered record; null, and withheld, where what stands is no longer one by the caller's own schema."""
    if schema is InspectionRecord:

        def warn(code: str, where: str | None, message: str) -> None:
            gate.warn(code, f"{place}/{where}" if where else place, message)

        values, quotes = _plain(standing)
        return InspectionRecord.model_validate(derived(values, document, quotes, published, warn))
    try:
        return schema.model_validate(standing)
    except ValidationError as error:
        problem = error.errors()[0]
        lost = "/".join(map(str, problem["loc"]))
        gate.withheld.append(
            Withheld(
                field=_nowhere(place),
                value=standing,
                model_quote="",
                reason=f"without {lost}, whose quote does not stand, it is no {schema.__name__}: {problem['msg']}",
            )
        )
        return None


def _plain(standing: JSON) -> tuple[JSON, dict[str, str]]:
    """A record's values without their quotes, and the quotes by field."""
    values: JSON = {}
    quotes: dict[str, str] = {}
    for name, info in InspectionRecord.model_fields.items():
        value = standing.get(name)
        if isinstance(value, list):
            quotes |= {f"{name}/{index}": item.pop("quote") for index, item in enumerate(value)}
            values[name] = [item["value"] for item in value] if name in _LISTS_OF_SCALARS else value
        elif isinstance(value, dict):
            quotes[name] = value.pop("quote")
            scalar = "words" if origin(info) is Date else "value"
            values[name] = value.get(scalar, value)
        else:
            values[name] = info.get_default(call_default_factory=True)
    return values, quotes


_LISTS_OF_SCALARS = {"inspectorates", "lead_inspectors"}
