"""`pulumi_veza.provider.session`: what a process shares, and when it is made."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_veza.client import settings
from pulumi_veza.client.address import TenantMove
from pulumi_veza.errors import SettingsError
from pulumi_veza.provider import session
from pulumi_veza.provider.claims import Owner
from pulumi_veza.provider.kind import Operation
from pulumi_veza.rules.members import LiveMember
from pulumi_veza.rules.wording import people_change

STACK = {"veza:url": "https://one.example", "veza:apiKey": "key"}


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("VEZA_URL", raising=False)
    monkeypatch.delenv("VEZA_API_KEY", raising=False)
    session.configure({})
    session.use(None)
    yield
    session.configure({})
    session.use(None)


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


def test_a_session_says_once_which_tenant_it_is_about_and_which_address_is_left_aside(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VEZA_URL", "three.example")
    session.configure(STACK)
    for _ in range(3):
        assert session.current().settings.url == "https://one.example"
    tenant, warning, *others = capfd.readouterr().err.splitlines()
    assert tenant == "info: tenant: https://one.example"
    assert warning.startswith("warning: VEZA_URL names https://three.example, which is not used")
    assert others == []


def test_settings_that_were_wrong_are_read_again() -> None:
    session.configure({"veza:url": "https://one.example"})
    with pytest.raises(SettingsError, match="veza:apiKey is not set"):
        session.current()
    session.configure(STACK)
    assert session.current().settings.api_key == "key"


def test_what_the_user_is_told_is_a_line_of_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    session.configure(STACK)
    current = session.current()
    capfd.readouterr()
    current.notify("warning", "look at this")
    session.write_to_stderr("info", "done")
    out, err = capfd.readouterr()
    assert (out, err) == ("", "warning: look at this\ninfo: done\n")


def test_a_name_of_the_tenant_steers_neither_the_terminal_nor_a_build_server_and_a_blank_one_is_not_shown() -> None:
    said: list[str] = []
    opened = session.Session(settings.load(STACK, {}), lambda level, text: said.append(f"{level}: {text}"))
    operation = Operation(session=opened, owner=Owner("MembershipSet", "m"))
    names = {
        "id-1": "Eve\n::error::x",
        "id-2": "Mal\u202elory\x1b[31m",
        "id-3": " \u200b ",
        "id-4": "Zo\xeb",
    }
    members = {who: LiveMember(who, name) for who, name in names.items()}
    operation.info(people_change([], names, members))
    operation.warn("a\u2028b\u2066c\u061c")
    assert said == [
        r"info: MembershipSet 'm': 4 people leave: Eve\n::error::x (id-1), Mal\u202elory\x1b[31m (id-2), "
        "Zo\xeb (id-4), id-3",
        r"warning: MembershipSet 'm': a\u2028b\u2066c\u061c",
    ]


def test_a_changed_environment_is_another_session(monkeypatch: pytest.MonkeyPatch) -> None:
    session.configure(STACK)
    first = session.current()
    monkeypatch.setenv("VEZA_URL", "https://one.example/")
    monkeypatch.setenv("VEZA_API_KEY", "another-key")
    second = session.current()
    assert second is not first
    assert second.settings.api_key == "another-key"
    monkeypatch.setenv("VEZA_TIMEOUT", "7")
    assert session.current().settings.timeout == 7
    monkeypatch.setenv("HOME", "/elsewhere")
    third = session.current()
    assert session.current() is third
    monkeypatch.delenv("VEZA_URL")
    monkeypatch.delenv("VEZA_API_KEY")
    monkeypatch.delenv("VEZA_TIMEOUT")
    assert session.current().settings == first.settings
    # What the first one knew is not taken up again.
    assert session.current() is not first


def test_a_session_that_nobody_uses_any_more_leaves_nothing_behind() -> None:
    session.configure(STACK)
    http = session.current().client._transport._connections
    assert not http.is_closed
    held = weakref.ref(session.current())
    session.configure({**STACK, "veza:url": "https://two.example"})
    assert held() is None
    assert http.is_closed


def test_a_session_that_is_still_used_stays_open_after_another_one_was_opened() -> None:
    session.configure(STACK)
    listing = session.current().client.list_access_profiles()
    http = session.current().client._transport._connections
    session.configure({**STACK, "veza:url": "https://two.example"})
    assert session.current().settings.url == "https://two.example"
    assert not http.is_closed
    del listing
    assert http.is_closed


def test_a_session_made_elsewhere_is_used_until_the_settings_change(monkeypatch: pytest.MonkeyPatch) -> None:
    session.configure(STACK)
    own = session.Session(settings.load({**STACK, "veza:timeout": "7"}))
    session.use(own)
    assert session.current() is own
    monkeypatch.setenv("VEZA_TENANT_MOVED", "https://three.example=https://one.example")
    assert session.current() is not own
    assert session.current().move == TenantMove("https://three.example", "https://one.example")
