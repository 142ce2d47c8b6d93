"""A reply's JSON held against the schema: what fits is kept, what does not is named piece by piece.

A piece is a list item or a field that may be null: the smallest part that can be asked for again, or left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from extractor.engines import JSON, Unshaped

_FENCE = re.compile(r"^\s*```[\w-]*\s*\n(.*?)\n?\s*```\s*$", re.DOTALL)
Path = tuple[str | int, ...]


def parse(text: str) -> JSON:
    """The reply as a JSON object, out of a code fence if it stands in one.

    Raises:
        ValueError: not one JSON object; the message says what it is.
    """
    fenced = _FENCE.match(text)
    try:
        value = json.loads(fenced[1] if fenced else text, parse_constant=_refuse)
        value = _with_whole_characters(value) if _HALF.search(text) else value
    except RecursionError as error:
        raise ValueError("JSON that is nested too deep") from error
    if not isinstance(value, dict):
        raise ValueError(f"a JSON {type(value).__name__}, not an object")
    return value


_HALF = re.compile(r"[\ud800-\udfff]|\\u[dD][89a-fA-F]")


def _with_whole_characters(value: Any) -> Any:
    """The value with each half of a character, which no file can hold, replaced."""
    if isinstance(value, str):
        return re.sub(r"[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [_with_whole_characters(one) for one in value]
    if isinstance(value, dict):
        return {_with_whole_characters(key): _with_whole_characters(one) for key, one in value.items()}
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON value")


def shaped(tree: JSON, model: type[BaseModel], schema: JSON) -> tuple[JSON, list[Unshaped]]:
    """The tree with everything that the model accepts, and the pieces that it does not, taken out.

    Left-out fields that may be null are null, left-out lists empty; unknown keys are ignored.

    Raises:
        ValueError: what is left is nothing that the model accepts.
    """
    if "records" not in tree:
        raise ValueError("there is no 'records' in it")
    tree = filled(tree, schema, schema)
    unshaped: list[Unshaped] = []
    while True:
        try:
            kept: JSON = model.model_validate(tree, strict=False).model_dump(mode="json", by_alias=True)
            return kept, unshaped
        except ValidationError as error:
            problem = error.errors()[0]
            piece = removable(schema, tree, tuple(problem["loc"]))
            if piece is None:
                raise ValueError(f"{_words(problem['loc'])}: {problem['msg']}") from error
            told = f"{_words(problem['loc'])}: {problem['msg']}"
            unshaped.append(Unshaped(pointer(piece), found_at(tree, piece), told))
            _remove(tree, piece)


def filled(node: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """The tree as far as the schema knows it: unknown keys gone, left-out nulls and lists put in."""
    schema = _resolved(schema, node, root)
    if isinstance(node, list) and "items" in schema:
        return [filled(item, schema["items"], root) for item in node]
    if isinstance(node, dict) and "properties" in schema:
        known = schema["properties"]
        made = {key: filled(node[key], known[key], root) for key in known if key in node}
        for key in known:
            if made.get(key) is None and known[key].get("type") == "array":
                made[key] = []
            elif key not in made and _nullable(known[key]):
                made[key] = None
        return made
    return node


def removable(schema: Mapping[str, Any], tree: Any, path: Path) -> Path | None:
    """The deepest list item or nullable field on the way to `path`; null where the way has none."""
    found: Path | None = None
    part, node = schema, tree
    for depth, step in enumerate(path):
        part = _resolved(part, node, schema)
        if found and "quote" in part.get("properties", {}):
            break  # a quoted item stands or falls as a whole
        if isinstance(step, int) and isinstance(node, list) and step < len(node):
            part, node = part.get("items", {}), node[step]
            found = path[: depth + 1]
        elif isinstance(node, dict) and step in part.get("properties", {}):
            part, node = part["properties"][step], node.get(str(step))
            if _nullable(part):
                found = path[: depth + 1]
        else:
            break
    return found


def schema_at(schema: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """The part of the schema that describes what stands at the path, null aside."""
    part: Mapping[str, Any] = schema
    for step in path:
        part = _resolved(part, {} if isinstance(step, str) else [], schema)
        part = part["items"] if isinstance(step, int) else part["properties"][step]
    return _without_null(part)


def pointer(path: Path) -> str:
    """The path as a JSON pointer."""
    return "".join(f"/{step}" for step in path)


def path_of(text: str) -> Path:
    """The path of a JSON pointer."""
    return tuple(int(step) if step.isdigit() else step for step in text.split("/")[1:])


def found_at(tree: Any, path: Path) -> Any:
    """What stands at the path."""
    for step in path:
        tree = tree[step]
    return tree


def put(tree: Any, path: Path, value: Any) -> Path:
    """Set what stands at the path, or add to its list where the path is past the end; gives the path it has then."""
    holder = found_at(tree, path[:-1])
    if isinstance(holder, list) and int(path[-1]) >= len(holder):
        holder.append(value)
        return (*path[:-1], len(holder) - 1)
    holder[path[-1]] = value
    return path


def _remove(tree: Any, path: Path) -> None:
    holder, last = found_at(tree, path[:-1]), path[-1]
    if isinstance(holder, list):
        holder.pop(int(last))
    else:
        holder[last] = None


def _resolved(schema: Mapping[str, Any], node: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema without reference and null, of the kind that the node is."""
    if "$ref" in schema:
        return _resolved(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], node, root)
    arms = [arm for arm in schema.get("anyOf", ()) if arm.get("type") != "null"]
    if not arms:
        return schema
    wanted = "array" if isinstance(node, list) else "object" if isinstance(node, dict) else None
    resolved = [_resolved(arm, node, root) for arm in arms]
    return next((arm for arm in resolved if arm.get("type") == wanted), resolved[0])


def _nullable(schema: Mapping[str, Any]) -> bool:
    return any(arm.get("type") == "null" for arm in schema.get("anyOf", ()))


def _without_null(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    arms = [arm for arm in schema.get("anyOf", ()) if arm.get("type") != "null"]
    return arms[0] if len(arms) == 1 else schema


def _words(path: tuple[str | int, ...]) -> str:
    return "/".join(map(str, path)) or "the reply"
