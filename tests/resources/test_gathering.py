"""`pulumi_veza.provider.gathering`: what several resources say is one line, and none of it is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from pulumi_veza.provider import gathering
from pulumi_veza.provider.gathering import Gathering, Topic

PAUSED = Topic("Profile", one="{item} is paused", what="profile", several="{count} are paused: {items}")


def pausing(gathered: Gathering, *names: str, together: Barrier | None = None) -> None:
    """Pause profiles in as many calls at once, as the engine does."""

    def pause(name: str) -> None:
        with gathered.call("Profile", name):
            if together:
                together.wait()
            gathered.add(PAUSED, f"Profile {name!r}", name.title())

    with ThreadPoolExecutor(len(names)) as threads:
        list(threads.map(pause, names))


def test_what_calls_on_their_way_say_is_one_line_with_their_count() -> None:
    said: list[str] = []
    pausing(Gathering(said.append, waits=True), "ana", "bo", "cy", together=Barrier(3))
    assert said == ["3 profiles are paused: Ana, Bo, Cy"]


def test_one_alone_says_its_own_line_with_its_resource() -> None:
    said: list[str] = []
    pausing(Gathering(said.append, waits=True), "ana")
    assert said == ["Profile 'ana': Ana is paused"]


def test_a_line_waits_for_a_resource_that_was_checked_and_is_still_to_be_created(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gathering, "WHILE_EXPECTED", 30.0)
    monkeypatch.setattr(gathering, "GRACE", 0.0)
    monkeypatch.setattr(gathering, "GRACE_OF_SEVERAL", 0.0)
    said: list[str] = []
    gathered = Gathering(said.append, waits=True)
    gathered.expect("Profile", "late")
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(pausing, gathered, "early")
        while not gathered._batches:
            assert not first.done()
        pausing(gathered, "late")
        first.result()
    assert said == ["2 profiles are paused: Early, Late"]


def test_many_that_came_quickly_are_not_waited_for_as_long_as_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever waits so long would not end before the test does.
    monkeypatch.setattr(gathering, "GRACE_OF_SEVERAL", 3600.0)
    said: list[str] = []
    names = [f"p{number}" for number in range(gathering.MANY)]
    pausing(Gathering(said.append, waits=True), *names, together=Barrier(gathering.MANY))
    assert [line.partition(":")[0] for line in said] == [f"{gathering.MANY} profiles are paused"]


def test_a_run_in_which_waiting_gathers_nothing_waits_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "GRACE", 0.0)
    said: list[str] = []
    gathered = Gathering(said.append, waits=True)
    names = [f"p{number}" for number in range(gathering.IN_VAIN)]
    for name in names:
        pausing(gathered, name)
    # A wait would be longer than any test may take.
    monkeypatch.setattr(gathering, "GRACE", 3600.0)
    pausing(gathered, "last")
    assert said == [f"Profile {name!r}: {name.title()} is paused" for name in [*names, "last"]]


def test_where_lines_do_not_wait_each_resource_says_its_own() -> None:
    said: list[str] = []
    pausing(Gathering(said.append, waits=False), "ana", "bo", together=Barrier(2))
    assert sorted(said) == ["Profile 'ana': Ana is paused", "Profile 'bo': Bo is paused"]
