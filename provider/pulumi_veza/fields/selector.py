"""The type of a version's selector: ``current``, ``draft`` or a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from pulumi_veza.fields.field_types import FieldType, integral
from pulumi_veza.fields.problems import Problems

LONGEST_NUMBER = 18
"""The most digits of a version number; a longer one is no version of any tenant."""


@dataclass(frozen=True)
class Selector(FieldType):
    """Which version of a profile: ``current``, ``draft`` or a number; the number may be written as one or as a text."""

    empty = ""

    @override
    def check(self, value: Any, path: str, problems: Problems) -> Any:
        number = integral(value)
        if isinstance(value, str):
            word = value.strip().lower()
            if word in ("current", "draft"):
                return word
            number = int(word) if word.isdecimal() and word.isascii() and len(word) <= LONGEST_NUMBER else None
        if isinstance(number, int) and not isinstance(number, bool) and 1 <= number < 10**LONGEST_NUMBER:
            return str(number)
        problems.add(path, 'must be "current", "draft" or a version number from 1 on', show_value=True)
        return value

    @override
    def canon(self, value: Any) -> Any:
        return str(integral(value)) if value else None
