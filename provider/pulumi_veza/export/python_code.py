"""Python source that ``ruff format`` leaves as it is: what does not fit in a line stands one element a line.

A value is a JSON value, `Code`, `Call`, or `Commented` around an element or argument.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_veza.errors import one_line

WIDTH: Final = 88
"""The columns of a line by ruff's defaults."""

_STEP: Final = 4
_LONGEST_COMMENT: Final = 84


@dataclass(frozen=True)
class Code:
    """An expression that cannot be broken, such as ``sales.id``."""

    text: str


@dataclass(frozen=True)
class Call:
    """A call of a function."""

    function: str
    positional: Sequence[Any] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    open: bool = False
    """Whether each argument has a line of its own although all would fit in one."""


@dataclass(frozen=True)
class Commented:
    """An element of a list or an argument with a comment above it."""

    value: Any
    comment: str


def literal(text: str) -> str:
    """Return a text as a literal, in the quotes that ruff prefers; what cannot be seen is escaped."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(char, quote) for char in text) + quote


def _escaped(char: str, quote: str) -> str:
    if char in "'\"":
        return f"\\{char}" if char == quote else char
    return repr(char)[1:-1]


def comment(text: str, indent: int = 0) -> str:
    """Return a text from anywhere as lines of a comment."""
    lines: list[str] = []
    line = ""
    for word in one_line(text, longest=1000).split(" "):
        if line and len(line) + len(word) + 1 > _LONGEST_COMMENT - indent:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "".join(f"{' ' * indent}# {each}\n" for each in [*lines, line])


def assignment(variable: str, value: Any) -> str:
    """Return the statement that gives a variable its value."""
    return f"{variable} = {expression(value, 0, _columns(variable) + 3, 0)}\n"


def statement(call: Call) -> str:
    """Return a call as a statement."""
    return f"{expression(call, 0, 0, 0)}\n"


def expression(value: Any, indent: int, before: int, after: int) -> str:
    """Return a value as source.

    Args:
        value: The value.
        indent: The columns before the first line's statement or element.
        before: The columns of the line before the value.
        after: The columns of the line after it.

    """
    flat = _in_one_line(value)
    if flat is not None and before + _columns(flat) + after <= WIDTH:
        return flat
    opening, elements, closing = _parts(value)
    if not elements:
        return opening + closing
    inner = indent + _STEP
    lines = [opening]
    for head, each in elements:
        of, above = (each.value, comment(each.comment, inner)) if isinstance(each, Commented) else (each, "")
        source = expression(of, inner, inner + _columns(head), 1)
        lines.append(f"{above}{' ' * inner}{head}{source},")
    return "\n".join([*lines, " " * indent + closing])


def _in_one_line(value: Any) -> str | None:
    """Return a value in one line, or None where it needs several."""
    if isinstance(value, Commented) or (isinstance(value, Call) and value.open):
        return None
    opening, elements, closing = _parts(value)
    found = []
    for head, each in elements:
        flat = _in_one_line(each)
        if flat is None:
            return None
        found.append(head + flat)
    return opening + ", ".join(found) + closing


def _parts(value: Any) -> tuple[str, list[tuple[str, Any]], str]:
    """Return what begins a value, its elements with what stands before each, and what ends it."""
    if isinstance(value, Call):
        arguments = [("", each) for each in value.positional]
        return f"{value.function}(", [*arguments, *((f"{name}=", each) for name, each in value.named.items())], ")"
    if isinstance(value, Mapping):
        return "{", [(f"{literal(str(key))}: ", each) for key, each in value.items()], "}"
    if isinstance(value, (list, tuple)):
        return "[", [("", each) for each in value], "]"
    if isinstance(value, str):
        return literal(value), [], ""
    if isinstance(value, float):
        return repr(value).replace("e+", "e"), [], ""
    return value.text if isinstance(value, Code) else repr(value), [], ""


def _columns(text: str) -> int:
    """Return the columns of a text, at least as many as ruff counts: where it fits here, it fits there."""
    return sum(1 if char.isascii() else 2 for char in text)
