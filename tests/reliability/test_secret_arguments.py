"""`pulumi_veza.fields.secrets`: no message holds what a program marked as secret, in whatever form."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import json
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_veza.client.models import AccessProfileType
from pulumi_veza.errors import one_line
from pulumi_veza.fields.protocol import hidden_keys, problems
from pulumi_veza.fields.secrets import SECRETS_KEY, conceal, names

SECRET = 'it\'s "hush-hush",\nquiet\u0007 and \\long' + "-enough" * 20


@pytest.mark.parametrize("spell", [str, repr, json.dumps, one_line, lambda text: one_line(text, longest=50)])
def test_a_secret_is_taken_out_in_every_spelling_of_a_message(spell) -> None:  # type: ignore[no-untyped-def]
    props = {"description": SECRET, "labels": {"open": "open"}, SECRETS_KEY: ["description"]}
    said = conceal(f"before {spell(SECRET)} after open", props)
    assert "[secret]" in said
    assert "hush" not in said
    assert said.startswith("before ")
    assert said.endswith(" after open")


def test_what_is_inside_a_secret_argument_is_secret_its_keys_as_well() -> None:
    props = {"custom_properties": {"the-key": [{"inner": "the-value", "n": 12345}]}, SECRETS_KEY: ["custom_properties"]}
    assert conceal("the-key the-value 12345 other", props) == "[secret] [secret] [secret] other"


@given(st.text(), st.dictionaries(st.sampled_from(["name", "labels"]), st.text()))
def test_without_secrets_a_message_stays_as_it_is(text: str, props: dict[str, str]) -> None:
    assert names(props) == frozenset()
    assert conceal(text, props, {**props, SECRETS_KEY: []}) == text


def test_a_value_that_pulumi_would_change_is_named_by_its_place() -> None:
    deep: object = 1
    for _ in range(40):
        deep = {"n": deep}
    assert [*problems("p", {"fine": [1, 1.5, "x", None, True, {"__provider": "y"}]})] == []
    assert [said.partition(":")[0] for said in problems("p", {"a": [2**53 + 1], "b": {"c": "\ud800"}, "d": deep})] == [
        "p.a[0]",
        "p.b.c",
        "p",
    ]


class Level(enum.Enum):
    HIGH = 1


class Named(str, enum.Enum):
    HIGH = "high"


@dataclasses.dataclass
class Point:
    x: int


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (datetime.date(2026, 1, 1), 'a date; write a text: "2026-01-01", or .isoformat()'),
        (datetime.time(8, 30), 'a time; write a text: "08:30:00", or .isoformat()'),
        (datetime.timedelta(1), "a timedelta; write a number of seconds: .total_seconds()"),
        (decimal.Decimal("1.5"), 'a Decimal; write a text: "1.5", or str(...)'),
        (uuid.UUID(int=1), 'an UUID; write a text: "00000000-0000-0000-0000-000000000001", or str(...)'),
        (b"x", "a bytes; write a text: .decode()"),
        (Path("x"), "a PosixPath; write a text: str(...)"),
        (Level.HIGH, "a Level; write its value: .value"),
        (Point(1), "a Point; write a mapping: dataclasses.asdict(...)"),
        ({"a"}, "a set; write a list, which has an order: sorted(...)"),
        (range(3), "a range; write a list: list(...)"),
        ({"a": 1}.keys(), "a dict_keys; write a list: list(...)"),
        (Level, "the class Level; write one of its values: .HIGH.value"),
        (Point, "the class Point; write a value, not its class"),
        (AccessProfileType(id="t-1", name="Role"), "an AccessProfileType; write its id: .id"),
        (print, "a function; call it: write its result"),
        (1j, "a complex; write a text, a number, True, False, a list or a mapping"),
    ],
)
def test_a_value_that_pulumi_cannot_send_is_named_with_what_to_write(value: object, said: str) -> None:
    for path, whole in (("p", value), ("p.a[1].b", {"a": [1, {"b": value}]}), ("p[0]", (value,))):
        assert [*problems("p", whole, later=lambda _: False)] == [f"{path}: Pulumi cannot send {said}"]
        assert [*problems("p", whole, later=lambda each: each is value)] == []


@pytest.mark.parametrize("key", [1, 1.5, True, None, ("a",), b"x", Level.HIGH])
def test_a_key_that_is_no_text_is_named_with_what_to_write(key: object) -> None:
    for in_program in (None, lambda _: False):
        (said,) = problems("p", {"fine": 1, "inner": {key: 1}}, later=in_program)
        assert said.startswith(f"p.inner: the key {key!r} is a")
        assert said.endswith(f"and keys must be texts; write {str(key)!r}")


def test_what_can_be_sent_is_nowhere_refused() -> None:
    fine = {"text": "x", "named": Named.HIGH, "list": (1, 2.5, None, True), Named.HIGH: {"_one": 1, "a__b": [{}]}}
    assert [*problems("p", fine, later=lambda _: False)] == [*hidden_keys("p", fine)] == []


def test_a_key_that_the_engine_hides_is_refused_in_a_program_and_read_from_a_tenant() -> None:
    held = {"__a": 1, "b": [{"__": {"__inner": 2}}]}
    assert [*problems("p", held)] == []
    written = [*problems("p", held, later=lambda _: False)]
    assert written == [*hidden_keys("p", held)]
    assert [each.partition(" begins ")[0] for each in written] == ["p: the key '__a'", "p.b[0]: the key '__'"]
    assert [each.rpartition("write ")[2] for each in written] == ["'a'", "'key'"]
