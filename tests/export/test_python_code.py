"""Source that is written as ruff formats it, and means what it was written from."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_veza.export.python_code import Call, Code, Commented, assignment, comment, statement

texts = st.text(max_size=80) | st.sampled_from(
    ["'", '"', "\\", "'\"", "\u202e", "日" * 45, "x" * 200, "\x00\n\r\t", "{}"]
)
scalars = texts | st.booleans() | st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=20
)


@given(values)
def test_a_value_is_read_back_as_it_was(value: Any) -> None:
    found = ast.parse(assignment("x", value)).body[0]
    assert isinstance(found, ast.Assign)
    assert ast.literal_eval(found.value) == value


def is_left_alone(source: str) -> bool:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--check", "--diff", "-"],
        input=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return True


@settings(max_examples=8)
@given(st.lists(values, min_size=10, max_size=40))
def test_ruff_leaves_every_value_as_it_is_written(several: list[Any]) -> None:
    source = "import veza\n\n" + "".join(
        assignment(f"value_{place}", Call("veza.Thing", ["a name"], {"state": value, "b": [value, {"k": value}]}))
        for place, value in enumerate(several)
    )
    assert is_left_alone(source)


def test_what_fits_stands_in_one_line_and_what_does_not_one_element_a_line() -> None:
    short = statement(Call("f", [1], {"labels": ["a", "b"], "of": Code("x.id")}))
    assert short == 'f(1, labels=["a", "b"], of=x.id)\n'
    long = assignment("found", Call("f", named={"labels": ["a" * 30, "b" * 30, "c" * 30]}))
    assert (
        long
        == f'found = f(\n    labels=[\n        "{"a" * 30}",\n        "{"b" * 30}",\n        "{"c" * 30}",\n    ],\n)\n'
    )
    assert is_left_alone(short + long)


def test_a_comment_stands_above_its_element_whatever_is_in_it() -> None:
    found = assignment("x", [Code("a"), Commented("p-1", "Sales\n'''\u202e # of two")])
    assert found == "x = [\n    a,\n    # Sales ''' # of two\n    \"p-1\",\n]\n"
    assert is_left_alone(f"a = 1\n{found}")
    assert all(line.startswith("# ") and len(line) <= 90 for line in comment("word " * 60).splitlines())


def test_a_text_has_the_quotes_that_need_fewer_escapes() -> None:
    texts = ["plain", "it's", 'say "hi"', 'it\'s "both"', "it's 'more' \"hi\"", "\\", "\u200b", "größe"]
    source = "".join(assignment(f"x{place}", each) for place, each in enumerate(texts))
    assert 'x1 = "it\'s"' in source
    assert "x2 = 'say \"hi\"'" in source
    assert 'x6 = "\\u200b"' in source
    assert is_left_alone(source)
