"""Versions of profiles: the live one, the draft, and others by their number."""

from __future__ import annotations

from typing import Any

from tests.witness.calls import calls
from tests.witness.recorder import Recorder, scenario
from tests.witness.supported import Json, entitlement, program, resource


def _version(variable: str, profile: str, *ids: str, **arguments: Any) -> str:
    entitlements = [entitlement(each) for each in ids]
    return resource("AccessProfileVersion", variable, profile_id=profile, entitlements=entitlements, **arguments)


@scenario
def versions(recorder: Recorder) -> None:
    """Manage the content of versions that are there, that are not, and that somebody publishes."""
    tenant = recorder.tenant
    tenant.seed(
        types=[{"id": "t-sales", "name": "Sales", "allow_create_relationships": True}],
        profiles=[
            {"id": f"p-{name.lower()}", "name": name, "profile_type": "t-sales"}
            for name in ("Live", "Draft", "Numbered", "Bare", "Cleared", "Vanishing", "Held")
        ],
    )
    number = tenant.create_draft("Draft", entities_to_create_relationships_to=[entitlement("00G9")])
    tenant.create_draft("Numbered")
    there = [
        _version("live", "p-live", "00G1"),
        _version("numbered", "p-numbered", "00G1", version=2, on_destroy="clear"),
        _version("cleared", "p-cleared", "00G1", on_destroy="clear"),
        _version("vanishing", "p-vanishing", "00G1", on_destroy="clear"),
        _version("held", "p-held", "00G1", on_destroy="prevent"),
    ]
    stack = recorder.stack(
        program(
            *there,
            _version("differs", "p-draft", "00G2", version="draft"),
            _version("none", "p-bare", "00G1", version="draft"),
            _version("seventh", "p-bare", "00G1", version=7),
            _version("nowhere", "p-none", "00G1"),
        )
    )
    recorder.up(stack, "--continue-on-error")

    recorder.section("another version is published, one is written over, one is gone")
    tenant.publish_version("Live", entities_to_create_relationships_to=[entitlement("00G7")])
    recorder.refresh(stack, "--diff")
    tenant.fault(method="PATCH", path="p-vanishing/versions", status=404, count=None)
    stack.write(
        program(
            *(each.replace("00G1", "00G4") if "vanishing" in each else each for each in there),
            _version("draft", "p-draft", "00G2", version=number, state="PUBLISHED", adopt="always"),
        )
    )
    recorder.up(stack, "--continue-on-error")

    recorder.section("a tenant that does not answer the parameter")
    tenant.quirks(version_parameter_ignored=True)
    recorder.refresh(stack, "--target", "**numbered")
    tenant.quirks(version_parameter_ignored=False)

    recorder.section("the same version under two selectors")
    with calls(recorder) as run:
        for selector in ("current", "1"):
            olds: Json = {"profile_id": "p-bare", "version": selector, "version_number": 1, "entitlements": {}}
            inputs = run.check("AccessProfileVersion", f"by-{selector}", olds, profile_id="p-bare", version=selector)
            run.diff("AccessProfileVersion", f"by-{selector}", f"p-bare/versions/{selector}", olds, inputs)

    recorder.section("destroyed, where a new resource manages what an old one lets go")
    stack.write(
        program(
            *(each for each in there if "held" in each or "live" in each),
            _version("successor", "p-cleared", "00G1", version=1),
        )
    )
    recorder.up(stack, "--continue-on-error")
    recorder.destroy(stack, "--continue-on-error")
