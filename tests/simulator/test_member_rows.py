"""Members that are kept in memory are those of the tables, whatever happened in between."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veza_simulator.member_rows import KEPT_LISTS
from veza_simulator.store import Store

PEOPLE = ("ann", "bob", "cy")
SOURCES = ("MANUAL", "WORKFLOW")
VERSIONS = (("one", 1), ("one", 2), ("two", 1))

people = st.lists(st.sampled_from(PEOPLE), max_size=3)
versions = st.sampled_from(VERSIONS)
steps = st.one_of(
    st.tuples(st.just("add"), versions, people, st.sampled_from(SOURCES)),
    st.tuples(st.just("remove"), versions, people, st.sampled_from((None, *SOURCES))),
    st.tuples(st.just("copy"), st.just("one"), st.just(1), st.just(2)),
    st.tuples(st.just("rename"), st.sampled_from(PEOPLE), st.text(max_size=3)),
    st.tuples(st.just("delete"), st.sampled_from(("one", "two"))),
    st.tuples(st.just("roll back"), versions, people),
)


def take(store: Store, step: tuple[Any, ...]) -> None:
    what, *arguments = step
    if what == "add":
        (profile, number), ids, source = arguments
        store.members.add(profile, number, ids, source)
    elif what == "remove":
        (profile, number), ids, source = arguments
        store.members.remove(profile, number, ids, source)
    elif what == "copy":
        store.members.copy(*arguments)
    elif what == "rename":
        store.put_identities([{"id": arguments[0], "name": arguments[1]}])
    elif what == "delete":
        store.delete_profile(arguments[0])
    else:
        (profile, number), ids = arguments
        with contextlib.suppress(ZeroDivisionError), store.transaction():
            store.members.add(profile, number, ids, "MANUAL")
            raise ZeroDivisionError


@given(st.lists(steps, max_size=12))
def test_what_is_kept_is_what_the_tables_hold(taken: list[tuple[Any, ...]]) -> None:
    store = Store()
    for step in taken:
        kept = {each: store.members.of_version(*each) for each in VERSIONS}
        take(store, step)
        now = {each: store.members.of_version(*each) for each in VERSIONS}
        store.members.forget()
        assert now == {each: store.members.of_version(*each) for each in VERSIONS}
        # What was handed out before stays as it was: the journal of what lists showed lives by it.
        assert step[0] != "add" or all(now[each][: len(kept[each])] == kept[each] for each in VERSIONS)
    store.close()


@pytest.mark.parametrize("number", [KEPT_LISTS - 1, KEPT_LISTS + 3])
def test_any_number_of_versions_can_be_read_and_changed(number: int) -> None:
    store = Store()
    for version in range(number):
        store.members.add("one", version, ["ann"], "MANUAL")
        store.members.of_version("one", version)
    for version in range(number):
        store.members.add("one", version, ["bob"], "MANUAL")
    assert [len(store.members.of_version("one", version)) for version in range(number)] == [2] * number
    store.close()


def test_a_file_that_another_process_has_changed_is_read_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "tenant.db")
    store.members.add("one", 1, ["ann"], "MANUAL")
    assert len(store.members.of_version("one", 1)) == 1
    other = Store(tmp_path / "tenant.db")
    other.members.add("one", 1, ["bob"], "MANUAL")
    other.close()
    assert [each["identity_id"] for each in store.members.of_version("one", 1)] == ["ann", "bob"]
    store.close()
