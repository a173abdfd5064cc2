"""``--approved``: what differs from what was approved, in an approver's words, and how the command ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_veza.impact import building
from pulumi_veza.impact.document import Document, dump
from pulumi_veza.impact.rendering.approval import differences
from pulumi_veza.impact.stopping import stopped
from pulumi_veza.plan.records import Record
from tests.impact.stacks import groups, members, of_type, profile
from tests.impact.test_command import command

FREE = {"max_removal_percent": 100, "allow_emptying": True}


def document(*records: Record, tenant: str = "https://acme.vezacloud.com") -> Document:
    return building.build([of_type(), *records], tenants=[tenant])


def team(after: list[str], *, before: tuple[str, ...] = ("ada", "ben", "cai"), **more: str) -> Document:
    named = {who: {"id": who, "name": who.title(), "managed": True} for who in before}
    return document(
        profile("seller", {"entitlements": groups("a")}),
        members("seller", list(before), after, options=FREE, outputs={"members": named}),
        **more,
    )


def test_the_same_is_no_difference() -> None:
    assert differences(team(["ada"]), team(["ada"])) == []


def test_who_more_and_who_less_is_said_by_name_and_what_follows_is_not_repeated() -> None:
    found = differences(team(["ada", "ben"]), team(["ada", "cai"]))
    assert found == [
        "more: 1 person loses Group ds/a by seller: Ben (ben)",
        "less: 1 person loses Group ds/a by seller: Cai (cai)",
        "more: 1 person leaves seller: Ben (ben)",
        "more: the set 'of-seller' removes 1 of seller: Ben (ben)",
        "less: 1 person leaves seller: Cai (cai)",
        "less: the set 'of-seller' removes 1 of seller: Cai (cai)",
    ]


def test_people_with_the_same_difference_are_in_one_line() -> None:
    found = differences(team(["ada", "ben", "cai"]), team([]))
    assert found[:2] == [
        "more: 3 people lose Group ds/a by seller: Ada (ada), Ben (ben), Cai (cai)",
        "more: 3 people leave seller: Ada (ada), Ben (ben), Cai (cai)",
    ]


def test_another_tenant_is_said_first() -> None:
    found = differences(team(["ada"]), team(["ada"], tenant="https://test.vezacloud.com"))
    assert found == [
        "another tenant: approved for https://acme.vezacloud.com, and this is about https://test.vezacloud.com"
    ]


def test_another_effect_on_the_same_access_is_one_difference() -> None:
    def change(withdraws: bool | None) -> Document:
        dropped = profile("seller", {"entitlements": groups("a")}, {"entitlements": groups()})
        return building.build([of_type(withdraws), dropped, members("seller", ["ada"], ["ada"])])

    assert differences(change(False), change(True)) == [
        "other: 1 person loses Group ds/a by seller: ada (approved was: keeps, no longer governed)"
    ]


def test_a_removal_that_is_refused_now_says_so() -> None:
    def guarded(percent: int) -> Document:
        people = ["ada", "ben", "cai", "dee"]
        options = {"max_removal_percent": percent}
        return document(profile("p", {}), members("p", people, people[:1], options=options))

    more, less = differences(guarded(100), guarded(20))
    assert more.startswith("more: the set 'of-p' removes 3 of p, which its guard refuses, to be confirmed with 3-")
    assert less == "less: the set 'of-p' removes 3 of p: ben, cai, dee"


@pytest.fixture
def now(tmp_path: Path) -> str:
    return saved(tmp_path / "now.json", team(["ada"]))


def saved(file: Path, found: Document) -> str:
    file.write_text(dump(found), encoding="utf-8")
    return str(file)


def test_what_was_approved_ends_with_zero_and_says_its_digest(now: str, tmp_path: Path) -> None:
    approved = team(["ada"]).model_copy(update={"valid_at": "long ago"})
    done = command(now, "--approved", saved(tmp_path / "approved.json", approved))
    assert (done.returncode, done.stderr) == (0, f"this is what was approved ({approved.digest})\n")


def test_anything_else_ends_with_one_and_says_what_differs(now: str, tmp_path: Path) -> None:
    done = command(now, "--approved", saved(tmp_path / "approved.json", team(["ada", "ben"])), "--fail-on", "conflicts")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "this is not what was approved: 4 differences",
        "  more: 1 person loses Group ds/a by seller: Ben (ben)",
        "  more: 1 person leaves seller: Ben (ben)",
        "  more: the set 'of-seller' removes 2 of seller: Ben (ben), Cai (cai)",
        "  less: the set 'of-seller' removes 1 of seller: Cai (cai)",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "approved.json is not JSON"),
        ("{}", "approved.json is no impact document"),
        (dump(stopped("the program failed", ["a/b"])), "approved.json says that nothing could be checked: the program"),
        (None, "approved.json: No such file or directory"),
    ],
    ids=["cut off", "another file", "not checked", "not there"],
)
def test_an_approved_file_that_approves_nothing_ends_with_two(
    now: str, tmp_path: Path, text: str | None, said: str
) -> None:
    file = tmp_path / "approved.json"
    if text is not None:
        file.write_text(text)
    done = command(now, "--approved", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_document_that_says_nothing_is_never_what_was_approved_and_can_be_shown(now: str, tmp_path: Path) -> None:
    file = saved(tmp_path / "stopped.json", stopped("the program failed", ["a/b"]))
    for wish in (["--approved", now], ["--fail-on", "losses"], ["--fail-on", "refused"]):
        done = command(file, *wish)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"could not check: {file} says that nothing could be checked: the program failed" in done.stderr
    shown = command(file)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("Nothing could be checked: the program failed.\n")
