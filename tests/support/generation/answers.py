"""Answers of the API's documents with any JSON at any place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.support.generation.arguments import Strategy

EXAMPLES = Path(__file__).parents[2] / "client" / "examples"

Place = tuple[Any, ...]

ABSENT = object()
"""Stands for a field that is left out."""

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**63, -(2**63), 10**400, -1, 0, 1.5, 1e308, -0.0])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10)
    | st.sampled_from(
        ["", " ", "..", "%2F", "9" * 5000, "__provider", "RUNNING", "\x00\x1b[31m", "\u202e", "x" * 10_000]
    )
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "values", "name", "__name", ""]) | st.text(max_size=5), inner, max_size=3
        )
    ),
    max_leaves=5,
)


def documented(name: str) -> Any:
    """Return an answer of the documents."""
    return json.loads((EXAMPLES / f"{name}.json").read_text())


def places(value: Any, path: Place = ()) -> Iterator[Place]:
    """Return the path to every part of an answer."""
    yield path
    items: Sequence[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, each in items:
        yield from places(each, (*path, key))


def replaced(value: Any, place: Place, by: Any) -> Any:
    """Return an answer with one part replaced, or left out."""
    if not place:
        return by
    key, *rest = place
    if isinstance(value, list):
        return [replaced(each, tuple(rest), by) if index == key else each for index, each in enumerate(value)]
    if by is ABSENT and not rest:
        return {name: each for name, each in value.items() if name != key}
    return {name: replaced(each, tuple(rest), by) if name == key else each for name, each in value.items()}


def spoilt(answer: Any) -> Strategy:
    """Return the place that was spoilt, and the answer."""
    within = [place for place in places(answer) if place]
    absent = [place for place in within if isinstance(place[-1], str)]
    wrong = st.tuples(st.sampled_from(within), anything)
    left_out = st.tuples(st.sampled_from(absent), st.just(ABSENT))
    return (wrong | left_out).map(lambda drawn: (drawn[0], replaced(answer, *drawn)))
