"""The catalogue of docs/reliability.md is complete, and names the tests that there are."""

from __future__ import annotations

from tests.support.catalogue import PAGE, ROW, current, marked

LINES = set(range(1, 37))


def test_every_line_has_a_test_and_every_mark_means_a_line() -> None:
    assert set(marked()) == LINES


def test_the_page_has_every_line_and_names_the_tests_as_they_are_marked() -> None:
    page = PAGE.read_text()
    assert {int(row[1]) for row in ROW.finditer(page)} == LINES
    assert page == current(page), "run `python -m tests.support.catalogue`"
