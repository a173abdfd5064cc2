"""Membership sets: who joins and leaves, what the guard refuses, and what becomes of failures."""

from __future__ import annotations

from typing import Any

from tests.witness.calls import calls
from tests.witness.recorder import Recorder, scenario
from tests.witness.supported import Code, Tenant, program, resource

TEN = [f"id-{number}" for number in range(10)]
PEOPLE = ["ana", "bob", "carl", "dora", "eve", "finn", "gil"]
FREE = {"max_removal_percent": 100}


def _set(name: str, profile: str, ids: list[str], options: dict[str, Any] | None = None, /, **more: Any) -> str:
    return resource("MembershipSet", name, options, profile_id=f"p-{profile}", identity_ids=ids, **more)


def _profiles(tenant: Tenant, **members: list[str]) -> None:
    tenant.seed(
        identities=[*PEOPLE, *TEN],
        types=[{"name": "Role", "id": "t-role"}],
        profiles=[
            {"name": name.title(), "id": f"p-{name}", "profile_type": "t-role", "members": ids}
            for name, ids in members.items()
        ],
    )


@scenario
def members(recorder: Recorder) -> None:
    """Create sets in every mode, change them, and destroy them."""
    tenant = recorder.tenant
    _profiles(
        tenant,
        additive=["dora"],
        authoritative=["ana", "bob", "carl", "dora", "eve", "finn"],
        audit=["ana", "dora"],
        strict=[],
        thrown=PEOPLE,
        emptied=[],
        failing=[],
        shared=[],
        locked=[],
        kept=[],
    )
    created = [
        _set("additive", "additive", ["ana", "bob", "zoe"], on_destroy="retain"),
        _set("authoritative", "authoritative", ["ana", "bob", "carl", "eve", "finn"], mode="authoritative"),
        _set("audit", "audit", ["ana", "bob"], mode="audit"),
        _set("strict", "strict", ["ana", "zoe"], on_member_failure="error"),
        _set("thrown", "thrown", ["ana"], mode="authoritative"),
        _set("emptied", "emptied", ["ana"], mode="authoritative", **FREE),
        _set("locked", "locked", ["ana", "bob", "carl"]),
        _set("kept", "kept", ["ana"], on_destroy="prevent"),
    ]
    more = [
        _set("draft", "additive", ["ana"], version="draft"),
        _set("seventh", "additive", ["ana"], version=7),
        _set("nowhere", "none", ["ana"]),
        _set("guests", "shared", ["carl"]),
        _set("owners", "shared", ["ana"], {"depends_on": Code("[guests]")}, mode="authoritative", **FREE),
    ]
    stack = recorder.stack(program(*created, *more))
    recorder.preview(stack)
    recorder.up(stack, "--continue-on-error")

    recorder.section("drift, and a change of mode")
    tenant.change_members("Audit", add=["eve"], remove=["ana"])
    tenant.change_members("Additive", add=["eve"])
    recorder.refresh(stack, "--diff")
    tenant.fault(method="PUT", path="p-locked", count=None, fail_members={"carl": "carl is locked"})
    changed = [
        _set("additive", "additive", ["ana", "bob", "zoe"], mode="authoritative", **FREE),
        _set("authoritative", "authoritative", ["ana", "bob", "carl", "finn", "gil"], mode="authoritative"),
        _set("audit", "audit", ["ana", "bob"], mode="authoritative", **FREE),
        _set("locked", "locked", ["ana", "bob"], max_removal_percent=34),
        _set("kept", "kept", ["ana"], on_destroy="prevent"),
        _set("emptied", "emptied", ["ana", "bob"], mode="authoritative", **FREE),
    ]
    stack.write(program(*changed))
    recorder.preview(stack, "--diff")
    recorder.up(stack, "--continue-on-error")

    recorder.section("a destroy that fails")
    tenant.fault(method="PUT", path="p-emptied", count=None, fail_members={"bob": "bob is locked"})
    recorder.destroy(stack, "--continue-on-error")


@scenario
def removal_guard(recorder: Recorder) -> None:
    """Remove more members than the guard allows, at preview and at apply, and confirm it."""
    tenant = recorder.tenant
    _profiles(tenant, percent=[], count=[], emptied=[], wrong=[], apply=[], both=[], created=PEOPLE, last=[])

    def sets(**options: dict[str, Any]) -> str:
        everybody: dict[str, dict[str, Any]] = {
            "percent": {},
            "count": {"max_removals": 1, **FREE},
            "emptied": {"mode": "authoritative", **FREE},
            "wrong": {},
            "apply": {"mode": "authoritative"},
            "both": {"mode": "authoritative"},
            "last": {**FREE},
        }
        ids = {name: more.pop("ids", TEN) for name, more in options.items()}
        return program(
            *(
                _set(name, name, ids.get(name, TEN), **{**more, **options.get(name, {})})
                for name, more in everybody.items()
            )
        )

    stack = recorder.stack(sets())
    recorder.up(stack)
    recorder.section("refused at preview")
    changes: dict[str, dict[str, Any]] = {
        "percent": {"ids": TEN[3:]},
        "count": {"ids": TEN[2:]},
        "emptied": {"ids": []},
        "wrong": {"ids": TEN[4:], "allow_removals": "4-0123456789"},
        "both": {"ids": TEN[5:]},
    }
    # Alone, as a refused check ends a preview wherever it is by then.
    stack.write(program(_set("percent", "percent", TEN[3:])))
    recorder.preview(stack)
    held = {name: each["outputs"] for name, each in stack.resources().items()}
    options = ("mode", "max_removal_percent", "max_removals")
    with calls(recorder) as run:
        for name, more in changes.items():
            given = {option: held[name][option] for option in options if held[name].get(option) is not None}
            ids = more.pop("ids")
            run.check("MembershipSet", name, held[name], profile_id=f"p-{name}", identity_ids=ids, **{**given, **more})

    recorder.section("refused at apply, with what was added by hand since; nobody left, at preview")
    tenant.change_members("Apply", add=["dora", "eve", "finn"])
    stack.write(sets(apply={"ids": TEN[2:]}))
    result = recorder.up(stack, "--continue-on-error")
    stack.write(program(_set("last", "last", [], **FREE)))
    recorder.preview(stack)

    recorder.section("confirmed")
    confirmation = str(result).partition('confirm this one change with allow_removals="5-')[2].partition('"')[0]
    stack.write(
        sets(apply={"ids": TEN[2:], "allow_removals": f"5-{confirmation}"}, last={"ids": [], "allow_emptying": True})
    )
    recorder.up(stack)
