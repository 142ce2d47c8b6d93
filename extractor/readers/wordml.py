"""Word's XML: an element's name, children and attributes, whichever of its two families of namespaces it is in."""

from __future__ import annotations

import re
from typing import Any

_NUMBER = re.compile("[0-9]{1,9}")


def local(node: Any) -> str:
    """An element's name without its namespace: Word writes two families of them."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def child(node: Any, name: str) -> Any | None:
    """The first element of this name in the node."""
    return next((one for one in node if local(one) == name), None) if node is not None else None


def value(node: Any, name: str = "val") -> str:
    """The attribute of this name, whatever its namespace; "" where there is none."""
    if node is None:
        return ""
    return next((str(said) for key, said in node.attrib.items() if key.rpartition("}")[2] == name), "")


def number(said: str, otherwise: int = 0) -> int:
    """The whole number that is said; `otherwise` where it is none, or larger than any that Word writes."""
    return int(said) if _NUMBER.fullmatch(said) else otherwise
