"""The model-facing and the labeller's shapes, both derived from the record's one definition.

*wire*: every said or chosen scalar, and every list item, opens with `quote`; dates are words; nothing derived.
*gold*: the same with the derived values beside, so that a person can edit it.
"""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

from extractor.errors import SchemaError
from extractor.schemas.inspection import EDTF, Date, Derived, InspectionRecord, Origin, Part

JSON = dict[str, Any]
Dialect = Literal["wire", "gold"]

Quote = Annotated[
    str,
    Field(
        min_length=1,
        description="The passage that shows this, copied character by character, in one piece.",
    ),
]
Words = Annotated[str, Field(description="The date in the document's own words, such as 'Tuesday 3 March'.")]


def origin(info: FieldInfo) -> Origin:
    """Where the field's value comes from, as its definition marks it."""
    return next(mark for mark in info.metadata if isinstance(mark, Origin))


def _split(annotation: Any) -> tuple[Any, bool]:
    """The type without `| None`, and whether None was allowed."""
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation, False
    rest = tuple(arm for arm in get_args(annotation) if arm is not type(None))
    return Union[rest], True  # noqa: UP007 - built from values, not written


def _is_part(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _inner(kind: Any, info: FieldInfo, dialect: Dialect) -> Any:
    """The type of a field inside a quoted item: dates are words on the wire, EDTF in gold."""
    if origin(info) is Date and dialect == "wire":
        return str
    return kind


def _field(kind: Any, info: FieldInfo, nullable: bool, dialect: Dialect) -> tuple[Any, Any]:
    default = info.get_default(call_default_factory=True) if dialect == "gold" and not info.is_required() else ...
    return (kind | None if nullable else kind), Field(default, description=info.description)


@cache
def _item(part: type[BaseModel], dialect: Dialect) -> type[BaseModel]:
    """A list item or composite field: its quote, then its own fields."""
    fields: dict[str, Any] = {"quote": (Quote, ...)}
    for name, info in part.model_fields.items():
        if origin(info) is Derived and dialect == "wire":
            continue
        kind, nullable = _split(info.annotation)
        fields[name] = _field(_inner(kind, info, dialect), info, nullable, dialect)
    return create_model(part.__name__, __base__=Part, __doc__=part.__doc__, **fields)


@cache
def _quoted(kind: Any, dialect: Dialect, dated: bool, name: str) -> type[BaseModel]:
    """A scalar with its quote: {quote, value}, or {quote, words} for a date."""
    fields: dict[str, Any] = {"quote": (Quote, ...)}
    if dated:
        fields["words"] = (Words, ...)
    if not dated or dialect == "gold":
        fields["value"] = (kind, ...)
    return create_model(f"Quoted{name}", __base__=Part, **fields)


def _record_field(name: str, info: FieldInfo, dialect: Dialect) -> tuple[Any, Any]:
    kind, nullable = _split(info.annotation)
    title = name.title().replace("_", "")
    if origin(info) is Derived:
        return _field(kind, info, nullable, dialect)
    if get_origin(kind) is list:
        (member,) = get_args(kind)
        items = _item(member, dialect) if _is_part(member) else _quoted(member, dialect, False, title)
        return _field(list[items], info, False, dialect)  # type: ignore[valid-type]
    if _is_part(kind):
        return _field(_item(kind, dialect), info, nullable, dialect)
    quoted: Any = _quoted(EDTF if origin(info) is Date else kind, dialect, origin(info) is Date, title)
    if name == "framework" and dialect == "gold":
        quoted = quoted | kind  # plain where it is derived from areas or dates
    return _field(quoted, info, nullable, dialect)


@cache
def record_shape(dialect: Dialect) -> type[BaseModel]:
    """The inspection record in one of the two derived shapes, as a Pydantic model."""
    fields: dict[str, Any] = {
        name: _record_field(name, info, dialect)
        for name, info in InspectionRecord.model_fields.items()
        if dialect == "gold" or origin(info) is not Derived
    }
    return create_model("InspectionRecord", __base__=Part, __doc__=InspectionRecord.__doc__, **fields)


def wire_model(schema: type[BaseModel] = InspectionRecord) -> type[BaseModel]:
    """What a model fills: {records: […]}, of inspections in the wire shape, of a caller's own schema as it is."""
    return _envelope(record_shape("wire") if schema is InspectionRecord else schema)


@cache
def gold_model() -> type[BaseModel]:
    """One gold file: who labelled which document, and its records."""
    fields: dict[str, Any] = {
        "id": (str, ...),
        "document_sha256": (str, ...),
        "split": (Literal["dev", "test"] | None, None),
        "labeller": (str, ...),
        "date": (str, ...),
        "notes": (str, ""),
        "cluster": (str, ...),
        "records": (list[record_shape("gold")], ...),  # type: ignore[misc]
    }
    return create_model("Gold", __base__=Part, **fields)


@lru_cache
def _envelope(record: type[BaseModel]) -> type[BaseModel]:
    """{records: […]} around any record model."""
    return create_model("Records", __config__=ConfigDict(extra="forbid"), records=(list[record], ...))  # type: ignore[valid-type]


_DROPPED = {"title", "default", "examples", "minLength", "maxLength", "uniqueItems", "discriminator"}


@lru_cache
def strict_schema(model: type[BaseModel]) -> JSON:
    """The model's JSON Schema as strict servers take it; made once, and not to be changed.

    Every property required, nullable instead of optional, no extra properties, no defaults.

    Raises:
        SchemaError: where the model has a free dictionary, which no strict server can fill.
    """
    schema: JSON = _strict(model.model_json_schema(), model.__name__)
    return schema


@lru_cache
def schema_text(model: type[BaseModel]) -> str:
    """The strict schema as a prompt shows it."""
    return json.dumps(strict_schema(model))


def _strict(node: Any, where: str) -> Any:
    if isinstance(node, list):
        return [_strict(child, where) for child in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if key not in _DROPPED}
    for group in ("properties", "$defs"):
        if group in node:
            kept[group] = {name: _strict(child, f"{where}.{name}") for name, child in node[group].items()}
    for key in kept.keys() - {"properties", "$defs", "enum", "const", "description"}:
        kept[key] = _strict(kept[key], where)
    if kept.get("type") == "object":
        if "properties" not in kept:
            raise SchemaError(f"{where} is a free dictionary, which no model can fill: name its fields in a class.")
        kept |= {"required": list(kept["properties"]), "additionalProperties": False}
    return kept


def quoted(tree: Any, pointer: str = "") -> Iterator[tuple[str, JSON]]:
    """Every object in the tree that carries a quote, with its JSON pointer, outermost first."""
    if isinstance(tree, dict):
        if isinstance(tree.get("quote"), str):
            yield pointer, tree
        for key, value in tree.items():
            yield from quoted(value, f"{pointer}/{key}")
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from quoted(value, f"{pointer}/{index}")
