"""`pulumi_veza.provider.session`: what a process shares, and when it is made."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_veza.errors import SettingsError
from pulumi_veza.provider import session

STACK = {"veza:url": "https://one.example", "veza:apiKey": "key"}


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("VEZA_URL", raising=False)
    monkeypatch.delenv("VEZA_API_KEY", raising=False)
    monkeypatch.setattr(session, "_current", None)
    monkeypatch.setattr(session, "_config", {})
    yield
    if session._current is not None:
        session._current.client._transport.close()


def test_nothing_is_checked_until_a_session_is_needed() -> None:
    session.configure({**STACK, "veza:url": "not a tenant"})
    with pytest.raises(SettingsError, match="veza:url"):
        session.current()


def test_a_session_is_made_once_and_shared_by_every_thread() -> None:
    session.configure(STACK)
    with ThreadPoolExecutor(8) as pool:
        sessions = list(pool.map(lambda _: session.current(), range(32)))
    assert len({id(session) for session in sessions}) == 1
    assert sessions[0].settings.url == "https://one.example"


def test_the_four_kinds_configure_one_session_and_another_stack_a_new_one() -> None:
    session.configure(STACK)
    first = session.current()
    session.configure(dict(STACK))
    assert session.current() is first
    session.configure({**STACK, "veza:url": "https://two.example"})
    second = session.current()
    assert second is not first
    assert second.settings.url == "https://two.example"
    first.client._transport.close()


def test_the_environment_wins_over_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEZA_URL", "three.example")
    session.configure(STACK)
    assert session.current().settings.url == "https://three.example"


def test_settings_that_were_wrong_are_read_again() -> None:
    session.configure({"veza:url": "https://one.example"})
    with pytest.raises(SettingsError, match="veza:apiKey is not set"):
        session.current()
    session.configure(STACK)
    assert session.current().settings.api_key == "key"


def test_what_the_user_is_told_is_a_line_of_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    session.configure(STACK)
    session.current().notify("warning", "look at this")
    session.write_to_stderr("info", "done")
    out, err = capfd.readouterr()
    assert (out, err) == ("", "warning: look at this\ninfo: done\n")
