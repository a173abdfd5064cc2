"""SCIM filters over profiles: parsed by ``scim2-filter-parser``, turned into SQL.

Only what the documents show is let in: ``eq`` and ``co``, ``and``, ``or`` and parentheses, on four fields.
``co`` asks whether a list contains the value, ``eq`` for an exact match: a list of that one value.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from scim2_filter_parser import ast
from scim2_filter_parser.lexer import SCIMLexer
from scim2_filter_parser.parser import SCIMParser, SCIMParserError

from veza_simulator.problems import RefusedRequestError, invalid
from veza_simulator.store import TERM_FIELDS

TEXT_FIELDS = ("profile_type",)
DOCUMENTED_FIELDS = (*TERM_FIELDS, *TEXT_FIELDS)

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True)
class Comparison:
    """``field operator "value"``."""

    field: str
    operator: str
    value: str


@dataclass(frozen=True)
class Combination:
    """``and`` or ``or`` over two or more expressions."""

    operator: str
    parts: tuple[Expression, ...]


Expression = Comparison | Combination


def parse_filter(text: str) -> Expression:
    """Parse a filter into an expression; raise 400 for what is not documented."""
    # The lexer knows no escapes in strings, so each string is read as JSON here and replaced by its number.
    strings: list[str] = []

    def keep(match: re.Match[str]) -> str:
        strings.append(json.loads(match.group()))
        return f'"#{len(strings) - 1}"'

    try:
        tree = SCIMParser().parse(SCIMLexer().tokenize(_STRING.sub(keep, text)))
    except (SCIMParserError, ValueError):
        raise _refused(text, "it is not a SCIM filter") from None
    return _expression(tree, text, strings)


def _refused(text: str, reason: str) -> RefusedRequestError:
    return invalid(f"the filter {text!r} was not accepted: {reason}")


def _expression(node: Any, text: str, strings: list[str]) -> Expression:
    if node.negated or node.namespace is not None:
        raise _refused(text, "only and, or and parentheses combine comparisons")
    inner = node.expr
    if isinstance(inner, ast.Filter):
        return _expression(inner, text, strings)
    if isinstance(inner, ast.LogExpr):
        return _combination(node, text, strings)
    return _comparison(inner, text, strings)


def _combination(node: Any, text: str, strings: list[str]) -> Expression:
    # The parser gives "and" and "or" the same precedence, SCIM does not: a chain that was written without
    # parentheses is taken apart and put together again as "or" over "and".
    operands, operators = _chain(node)
    parts = [_expression(operand, text, strings) for operand in operands]
    groups: list[list[Expression]] = [[parts[0]]]
    for operator, part in zip(operators, parts[1:], strict=True):
        if operator == "and":
            groups[-1].append(part)
        else:
            groups.append([part])
    alternatives = [group[0] if len(group) == 1 else Combination("and", tuple(group)) for group in groups]
    return alternatives[0] if len(alternatives) == 1 else Combination("or", tuple(alternatives))


def _chain(node: Any) -> tuple[list[Any], list[str]]:
    inner = node.expr
    if node.negated or not isinstance(inner, ast.LogExpr):
        return [node], []
    left, left_operators = _chain(inner.expr1)
    right, right_operators = _chain(inner.expr2)
    return left + right, [*left_operators, inner.op.lower(), *right_operators]


def _comparison(node: Any, text: str, strings: list[str]) -> Comparison:
    path, operator = node.attr_path, node.value.lower()
    field = path.attr_name
    if path.sub_attr is not None or path.uri is not None or field not in DOCUMENTED_FIELDS:
        raise _refused(text, f"only {', '.join(DOCUMENTED_FIELDS)} can be filtered by")
    allowed = ("eq",) if field in TEXT_FIELDS else ("eq", "co")
    if operator not in allowed:
        raise _refused(text, f"{field} can be compared by {' and '.join(allowed)} only")
    reference = node.comp_value.value
    if not reference.startswith("#"):
        raise _refused(text, f"{field} is compared with a string in double quotes")
    return Comparison(field, operator, strings[int(reference[1:])])


def to_sql(expression: Expression) -> tuple[str, tuple[str, ...]]:
    """Return the expression as a condition on the table ``profiles p``, with its parameters."""
    if isinstance(expression, Combination):
        conditions = [to_sql(part) for part in expression.parts]
        joined = f" {expression.operator.upper()} ".join(sql for sql, _ in conditions)
        return f"({joined})", tuple(value for _, values in conditions for value in values)
    field, value = expression.field, expression.value
    if field in TEXT_FIELDS:
        return f"p.{field} = ?", (value,)
    among = "SELECT 1 FROM terms t WHERE t.profile_id = p.id AND t.field = ? AND t.value"
    contains = f"EXISTS ({among} = ?)"
    if expression.operator == "co":
        return contains, (field, value)
    return f"({contains} AND NOT EXISTS ({among} <> ?))", (field, value, field, value)
