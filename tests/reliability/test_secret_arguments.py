"""`pulumi_veza.fields.secrets`: no message holds what a program marked as secret, in whatever form."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_veza.errors import one_line
from pulumi_veza.fields.protocol import problems
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
