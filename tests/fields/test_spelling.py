"""What cannot be seen in a text: refused in ids, warned of in names, and never changed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_veza.fields import spelling
from pulumi_veza.fields.field_types import ListOf, SetOf, String, identity
from pulumi_veza.fields.problems import MOST_FAILURES, Problems
from pulumi_veza.fields.schema import Field, Object, Schema
from pulumi_veza.provider.kind import Kind
from pulumi_veza.provider.lifecycle import Lifecycle
from pulumi_veza.resources.membership import MembershipKind
from pulumi_veza.resources.profile import ProfileKind
from pulumi_veza.resources.version import VersionKind
from tests.support.generation.arguments import ALL_KINDS, ids
from tests.support.runs import Runs

INVISIBLE = [
    "\ufeff", "\r", "\n", "\t", " ", "\u00a0", "\u200b", "\u200d", "\u2060", "\u3000", "\u2028", "\u00ad", "\u202e",
    "\x00", "\x7f", "\x85", "\ue000", "\u3164", "\u2800", "\U000e0020",
]  # fmt: skip


every_invisible = pytest.mark.parametrize("char", INVISIBLE, ids=lambda char: f"U+{ord(char):04X}")

ID, NAME = String(meaning="id", non_empty=True), String(meaning="name", non_empty=True)
PROFILE = {"name": "n", "profile_type": "t"}
VERSION = {"profile_id": "p"}
ENTITLEMENT = {"entity_type": "Group", "datasource_id": "ds", "entity_id": "g"}


def checked(field_type: Any, value: Any) -> Problems:
    problems = Problems()
    assert field_type.check(value, "field", problems) == value, "kept as it is"
    return problems


@every_invisible
def test_an_id_with_an_invisible_character_at_an_end_is_refused_with_the_character_escaped(char: str) -> None:
    for text, says in (
        (f"{char}ana", "begins"),
        (f"ana{char}", "ends"),
        (f"{char}ana{char}", "begins"),
        (f"ana{char}{char}", "ends"),
    ):
        (failure,) = checked(ID, text).failures
        assert f"{says} with" in failure.reason
        assert repr(text) in failure.reason
        assert failure.property == "", "the engine would print the value as it is"
        assert all(each.isprintable() for each in failure.reason) or char in "\u3164\u2800"


@every_invisible
def test_an_id_of_invisible_characters_alone_is_refused_once(char: str) -> None:
    (failure,) = checked(ID, char * 2).failures
    assert "visible character" in failure.reason


@pytest.mark.parametrize("char", ["\n", "\r\n", "\t", "\x00", "\x1b", "\u2028"])
def test_an_id_with_a_control_character_inside_is_refused(char: str) -> None:
    (failure,) = checked(ID, f"ana{char}bob").failures
    assert f"contains {char[0]!a}" in failure.reason


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::123456789012:role/Team A/x@y",
        "CN=Jos\u00e9 Mart\u00ednez,OU=People",
        "e\u0301",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "a\u00a0b",
        "(x)",
    ],
)
def test_any_other_id_is_kept_as_it_is(text: str) -> None:
    assert checked(ID, text).failures == []


@every_invisible
def test_a_name_with_an_invisible_character_at_an_end_is_warned_of_and_kept(char: str) -> None:
    problems = checked(NAME, f"Sales{char}")
    assert problems.failures == []
    assert [f"field ({f'Sales{char}'!r}) ends with" in each for each in problems.warnings] == [True]
    assert checked(String(), f"Sales{char}").warnings == [], "a description may end with a line break"


def test_many_ids_of_one_file_are_refused_in_a_few_lines() -> None:
    lines = SetOf(ID, identity)
    problems = Problems()
    lines.check([f"id-{n}\r" for n in range(1000)], "identity_ids", problems)
    assert len(problems.failures) == MOST_FAILURES + 1
    assert problems.failures[-1].reason == "identity_ids: 980 more elements have such problems"


@given(st.text())
def test_the_visible_part_is_what_is_left_between_the_ends(text: str) -> None:
    visible = spelling.visible_part(text)
    assert visible in text
    assert (spelling.at_the_ends(text) == "") is (visible == text)
    assert spelling.visible_part(visible) == visible
    assert not visible or not (spelling.is_invisible(visible[0]) or spelling.is_invisible(visible[-1]))


@given(ids)
def test_an_id_that_is_accepted_is_never_normalised(text: str) -> None:
    assert ID.canon(text) == (text or None)


@given(st.text(max_size=20))
def test_a_name_is_one_name_however_its_accents_are_spelled(text: str) -> None:
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert NAME.canon(composed) == NAME.canon(decomposed) == NAME.canon(text)


def test_values_are_loosely_equal_as_a_tenant_may_keep_them() -> None:
    for one, other in (
        (" Sales R&D ", "sales r&amp;d"),
        (True, "true"),
        ({"a": [1, {"b": None}], "C": "x"}, '{"c": "X", "a": [1, {}]}'),
        (2.0, "2"),
    ):
        assert spelling.loose(one) == spelling.loose(other)
    for one, other in (("Sales", "Sale"), (None, "null"), (1, 2), ({"a": 1}, {"a": 2}), ([1, 2], [2, 1]), ("{", "[")):
        assert spelling.loose(one) != spelling.loose(other)


# In the resources


@pytest.mark.parametrize(
    ("kind", "args", "path"),
    [
        (MembershipKind(), {"profile_id": "p", "identity_ids": ["bob", "\ufeffana\r"]}, "identity_ids[1]"),
        (MembershipKind(), {"profile_id": "p ", "identity_ids": []}, "profile_id"),
        (ProfileKind(), {"name": "n", "profile_type": "t\u200b"}, "profile_type"),
        (ProfileKind(), {**PROFILE, "datasource_ids": ["d\n"]}, "datasource_ids[0]"),
        (ProfileKind(), {**PROFILE, "inherits_from": [" p"]}, "inherits_from[0]"),
        (
            ProfileKind(),
            {"name": "n", "profile_type": "t", "access_request_policy_id": "p "},
            "access_request_policy_id",
        ),
        (VersionKind(), {"profile_id": "p", "entitlements": [{**ENTITLEMENT, "entity_id": "g\u00a0"}]}, "entity_id"),
        (
            VersionKind(),
            {"profile_id": "p", "entitlements": [{**ENTITLEMENT, "datasource_id": "\tds"}]},
            "datasource_id",
        ),
    ],
)
def test_the_ids_of_every_resource_are_checked(kind: Kind, args: dict[str, Any], path: str, runs: Runs) -> None:
    runs.new()
    _, failures = Lifecycle(kind).check({}, args)
    assert len(failures) == 1
    assert f"{path}: " in failures[0].reason
    assert "as no id does; write it without them" in failures[0].reason


def test_names_and_labels_are_warned_of_in_one_line(runs: Runs) -> None:
    runs.new()
    args = {"name": "Sales ", "profile_type": "t", "labels": ["\u00a0a", "b"], "__name": "it"}
    inputs, failures = Lifecycle(ProfileKind()).check({}, args)
    assert failures == []
    assert (inputs["name"], {*inputs["labels"]}) == ("Sales ", {"\u00a0a", "b"})
    assert len(runs.said) == 1
    assert runs.said[0].startswith(
        "warning: AccessProfile 'it': name ('Sales ') ends with a blank, labels[0] ('\\xa0a') begins with '\\xa0': "
    )
    assert runs.said[0].endswith("write the names without such characters, unless the tenant has them")


def test_a_secret_id_is_refused_without_showing_it(runs: Runs) -> None:
    runs.new()
    args = {"profile_id": "hush-hush\r", "identity_ids": ["hidden "], "__secrets": ["profile_id", "identity_ids"]}
    _, failures = Lifecycle(MembershipKind()).check({}, args)
    assert len(failures) == 2
    assert "hush" not in str(failures)
    assert "hidden" not in str(failures)


def test_ids_that_differ_only_in_case_are_refused_naming_both(runs: Runs) -> None:
    runs.new()
    args = {"profile_id": "p", "identity_ids": ["5f1B", "bob", "5F1b", "5f1b"]}
    _, failures = Lifecycle(MembershipKind()).check({}, args)
    assert [each.reason.partition(" differ only in case")[0] for each in failures] == [
        "identity_ids: '5F1b' and '5f1B'",
        "identity_ids: '5F1b' and '5f1b'",
    ]


def test_ids_that_look_like_e_mail_addresses_get_one_hint(runs: Runs) -> None:
    runs.new()
    ids_of_set = ["ana@example.com", "bob@mail.example.com", "arn:aws:sts::1:x/a@b.c", "f3b8", "user@host"]
    _, failures = Lifecycle(MembershipKind()).check({}, {"profile_id": "p", "identity_ids": ids_of_set, "__name": "it"})
    assert failures == []
    (hint,) = [each for each in runs.said if "e-mail" in each]
    assert hint.startswith("info: ")
    assert "2 identity ids of it may be an e-mail address (ana@example.com, bob@mail.example.com)" in hint


def place(value: object) -> str:
    return value if isinstance(value, str) else ""


def declared(schema: Schema, path: str) -> Iterator[tuple[str, Field]]:
    """Yield every field of a kind, with those of its nested values."""
    for field in schema:
        yield f"{path}.{field.name}", field
        inner = field.type.of if isinstance(field.type, (SetOf, ListOf)) else field.type
        if isinstance(inner, Object):
            yield from declared(inner.schema, f"{path}.{field.name}")


@pytest.mark.parametrize(
    ("path", "field"), [each for kind in ALL_KINDS for each in declared(kind.schema, kind.name)], ids=place
)
def test_every_field_that_is_an_id_or_a_name_is_declared_as_one(path: str, field: Field) -> None:
    reference = field.name in {"inherits_from", "profile_type", "allow_inherited_from_types"}
    expected = "id" if reference or field.name.endswith(("_id", "_ids")) else None
    expected = expected or ("name" if field.name in {"name", "labels", "entity_type"} else None)
    assert expected is None or field.input.meaning == expected, (
        f"{path}: write meaning={expected!r} where it is declared"
    )
