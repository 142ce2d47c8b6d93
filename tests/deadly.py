"""A caller's own schema that ends the process in which it meets the word "poison"."""

from __future__ import annotations

import os

from pydantic import BaseModel, field_validator


class Deadly(BaseModel):
    """One council."""

    council: str

    @field_validator("council")
    @classmethod
    def _end(cls, value: str) -> str:
        if value == "poison":
            os._exit(9)
        return value
