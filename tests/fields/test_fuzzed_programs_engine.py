"""A program that writes anything: it comes back exactly, or is refused in one line that names the property."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scim2_filter_parser.lexer import SCIMLexer
from scim2_filter_parser.parser import SCIMParser

from pulumi_veza.client import filters
from pulumi_veza.fields.field_types import SECRET_SIGNATURE
from tests.support.fixtures import StackFactory
from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Result, Stack
from tests.support.tenant import Tenant
from veza_simulator.filtering import Comparison, parse_filter

PLANES = "".join(chr(plane * 0x10000 + 0x1F30) for plane in (0, 1, 2, 3, 14, 15, 16))
HOSTILE = {
    "planes": f"ё日本\u0301\u200d{PLANES}",
    "controls": "\x00\x01\x07\x1b[31m\t\r\n\x7f\x85\u2028",
    "direction": "\u202enimda\u2066",
    "quotes": "'\"`\\\\$(id)${HOME}{{x}}<b>&amp;",
    "paths": "../..%2F%00/./?#;a=b//",
    "long": "x" * 10_000,
    "engine": "__provider",
    "signature": SECRET_SIGNATURE,
    "padded": "  both ends  ",
    "number": "007",
}
EXISTING = "../a b/%2F?#'\"\u202e\U0001f600"


def as_id(text: str) -> str:
    """Return the text as an id may be: visible at its ends, and without control characters."""
    kept = "".join(each for each in text if each.isprintable() or each == "\u200d" or 0xFFFF < ord(each) < 0xF0000)
    return kept.strip() or "id"


IDS = [as_id(text) for text in HOSTILE.values()]

PROPERTIES: dict[str, Any] = {
    "_provider": "kept",
    "inside": {"_provider": 1, "": "", " ": " "},
    "numbers": [0, -1, 1.5, -0.25, 1e300, 5e-324, 2**53, -(2**53), True, False],
    "mixed": [1, "1", True, [], {}, "", [[["deep"]]], {"a": [{"b": 1}]}],
    "texts": [text for text in HOSTILE.values() if text != SECRET_SIGNATURE],
    "many": {f"key-{n}": n for n in range(10_000)},
}


def nested(levels: int) -> Any:
    value: Any = "bottom"
    for level in range(levels):
        value = {"n": value} if level % 2 else [value]
    return value


@pytest.mark.catalogue(29)
@pytest.mark.slow
def test_hostile_texts_ids_and_properties_come_back_exactly(stack_factory: StackFactory, tenant: Tenant) -> None:
    ids = [f"id-{each}"[:200] for each in IDS]
    tenant.seed(
        types=[{"id": HOSTILE["paths"], "name": "T", "allow_create_relationships": True}],
        profiles=[{"id": EXISTING, "name": "Existing", "profile_type": HOSTILE["paths"]}],
        datasources=[{"id": "a b/%2F", "integration": "SALESFORCE"}],
        identities=[*ids, *IDS],
    )
    named = [
        resource(
            "AccessProfile",
            f"p-{label}",
            name=text,
            profile_type=HOSTILE["paths"],
            description=text,
            labels=list(HOSTILE.values()),
            entitlements=[entitlement(as_id(text), "a b/%2F")],
        )
        for label, text in HOSTILE.items()
    ]
    properties = {**PROPERTIES, "nested": nested(20)}
    rich = resource("AccessProfile", "rich", name="Rich", profile_type=HOSTILE["paths"], custom_properties=properties)
    members = resource("MembershipSet", "all", profile_id=EXISTING, identity_ids=[*ids, *IDS])
    stack = stack_factory(program(*named, rich, members), environment=tenant.env())
    up = stack.up(skip_preview=True)
    assert "Traceback" not in up

    for text in HOSTILE.values():
        profile = tenant.profile(text)
        assert (profile["name"], profile["description"]) == (text, text)
        assert sorted(profile["labels"]) == sorted(HOSTILE.values())
        (held,) = tenant.version(text)["entities_to_create_relationships_to"]
        assert (held["entity_id"], held["datasource_id"]) == (as_id(text), "a b/%2F")
    assert tenant.profile("Rich")["custom_properties"] == properties
    assert tenant.members("Existing").keys() == {*ids, *IDS}

    tenant.clear_requests()
    assert stack.preview_json("--refresh")["changeSummary"] == {"same": len(named) + 3}
    assert tenant.requests(mutating=True) == []


CANNOT_BE_CARRIED = {
    "nested": (Code("deep(100)"), "custom_properties: is nested in more than 25 levels"),
    "signature": (
        {SECRET_SIGNATURE: "x"},
        "custom_properties: the key 4dabf18193072939515e22adb298388d is Pulumi's own",
    ),
    "forged": ({"a": {SECRET_SIGNATURE: "1b47061264138c4ac30d75fd1eb44270"}}, "custom_properties.a: the key"),
    "inexact": ({"a": [2**53 + 1]}, "custom_properties.a[0]: a whole number beyond 2**53"),
    "surrogate": (Code(r"{'a': chr(0xd800)}"), "custom_properties.a: the text is not valid Unicode"),
    "surrogate-key": (Code(r"{chr(0xdfff): 1}"), "custom_properties: the key is not valid Unicode"),
}
ATTEMPT = """
def deep(levels):
    return {{"n": deep(levels - 1)}} if levels else 1


cases = {{{cases}}}
for name, value in cases.items():
    try:
        veza.AccessProfile(name, name=name, profile_type="t", custom_properties=value)
        print("accepted", name)
    except pulumi.RunError as error:
        print("refused", error)
"""


@pytest.mark.catalogue(4)
def test_what_cannot_come_back_is_refused_in_one_line_that_names_the_property(
    stack_factory: StackFactory, tenant: Tenant
) -> None:
    cases = ", ".join(f"{name!r}: {value!r}" for name, (value, _) in CANNOT_BE_CARRIED.items())
    stack = stack_factory(program(ATTEMPT.format(cases=cases)), environment=tenant.env())
    told = stack.preview()
    for name, (_, reason) in CANNOT_BE_CARRIED.items():
        assert f"refused AccessProfile '{name}': {reason}" in told
    assert "accepted" not in told
    assert "Traceback" not in told

    refused = [
        preview_refused(stack, kind, **arguments)
        for kind, arguments in (
            ("AccessProfile", {"name": "\t\u2003\n", "profile_type": "t", "custom_properties": Code(NUMBERS)}),
            ("MembershipSet", {"profile_id": "p", "identity_ids": [SPLIT, 1], "version": "9" * 5000}),
        )
    ]
    assert "name: must not be empty" in refused[0]
    assert "custom_properties.a: is not a number that JSON can hold" in refused[0]
    assert "custom_properties.b[1].c d: is not a number that JSON can hold" in refused[0]
    assert "identity_ids[1]: expected a text, got a number" in refused[1]
    assert 'must be "current", "draft" or a version number from 1 on' in refused[1]
    assert tenant.requests() == []


SPLIT = "a\x1b[31m\nb"
NUMBERS = "{'a': float('nan'), 'b': [1, {'c\\x1b\\nd': float('-inf')}]}"


def preview_refused(stack: Stack, kind: str, **arguments: Any) -> Result:
    stack.write(program(resource(kind, "hostile", **arguments)))
    refused = stack.preview(check=False)
    assert refused.returncode != 0
    assert "Traceback" not in refused
    assert "\x1b" not in str(refused)
    return refused


texts = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(list(HOSTILE.values()))


@given(st.sampled_from(["eq", "co"]), texts)
def test_a_filter_built_from_any_text_asks_for_exactly_that_text(operator: str, value: str) -> None:
    built = filters.eq("labels", value) if operator == "eq" else filters.co("labels", value)
    assert parse_filter(str(built)) == Comparison("labels", operator, value)
    # The grammar of others is no richer than ours: they see one comparison, whatever the text says.
    tree = SCIMParser().parse(SCIMLexer().tokenize(str(filters.and_(built, built))))
    assert tree.expr.op.lower() == "and"
