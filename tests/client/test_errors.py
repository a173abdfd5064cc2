"""`pulumi_veza.errors`."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_veza import errors


def test_every_error_descends_from_the_one_base() -> None:
    classes = [each for _, each in inspect.getmembers(errors, inspect.isclass) if each.__module__ == errors.__name__]
    assert len(classes) > 10
    assert all(issubclass(each, errors.VezaError) for each in classes)


def test_the_tree_drawn_at_the_top_is_the_real_one() -> None:
    drawing = (errors.__doc__ or "").partition("::")[2]
    drawn = [(line.index(name), name) for line in drawing.splitlines() for name in re.findall(r"\b[A-Z]\w+", line)[:1]]
    parents: dict[int, str] = {}
    for indent, name in drawn:
        parent = parents[max(each for each in parents if each < indent)] if parents else "Exception"
        assert getattr(errors, name).__base__.__name__ == parent
        parents = {each: above for each, above in parents.items() if each < indent} | {indent: name}
    members = inspect.getmembers(errors, inspect.isclass)
    classes = {each.__name__ for _, each in members if each.__module__ == errors.__name__}
    assert {name for _, name in drawn} == classes


@pytest.mark.parametrize("error", [errors.ResponseLostError, errors.UnexpectedResponseError, errors.ServerError])
def test_an_error_after_sending_says_that_it_may_have_been_done(error: type[errors.VezaError]) -> None:
    assert error.maybe_done


@pytest.mark.parametrize(
    "error",
    [
        errors.ConnectionFailedError,
        errors.SettingsError,
        errors.RefusedError,
        errors.NotFoundError,
        errors.RateLimitError,
    ],
)
def test_an_error_that_did_nothing_does_not_say_so(error: type[errors.VezaError]) -> None:
    assert not error.maybe_done


@given(st.text(max_size=2000))
def test_one_line_is_one_printable_line_of_limited_length(text: str) -> None:
    line = errors.one_line(text, longest=50)
    assert len(line) <= 53
    assert line.splitlines() in ([], [line])
    assert "  " not in line


def test_one_line_keeps_what_people_write() -> None:
    assert errors.one_line(" Größe:\t3 €\r\n\x1b[31m日本語\u202e ") == "Größe: 3 € [31m日本語"


@pytest.mark.parametrize("module", ["errors", "client.filters", "client.settings"])
def test_what_a_program_imports_loads_no_http_library_and_no_models(module: str) -> None:
    code = f"import sys, pulumi_veza.{module}; print(sorted({{'httpx', 'pydantic'}} & sys.modules.keys()))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout == "[]\n"
