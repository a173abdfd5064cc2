"""Names of resources, variables and files: readable, unique, stable."""

from __future__ import annotations

import keyword
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_veza.export.names import Nameable, identifier, slug, unique_names
from tests.support.generation.tenants import HOSTILE_NAMES


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Sales Team", "sales-team"),
        ("Zürich Ünïcode", "zurich-unicode"),
        ("Straße Ørsted Łódź", "strasse-orsted-lodz"),
        ("日本語チーム", "日本語チーム"),
        ("1st digit", "profile-1st-digit"),
        ("🚀🚀", "profile"),
        ("", "profile"),
        ("../../etc/passwd", "etc-passwd"),
        ("__main__", "main"),
        ("a" * 1000, "a" * 48),
        ("one two three four five six seven eight nine ten eleven", "one-two-three-four-five-six-seven-eight-nine-ten"),
    ],
)
def test_a_name_becomes_words_with_hyphens(name: str, expected: str) -> None:
    assert slug(name, "profile") == expected


@given(st.text(max_size=60) | st.sampled_from(HOSTILE_NAMES))
def test_every_name_gives_an_identifier_that_hides_nothing(name: str) -> None:
    found = slug(name, "profile")
    variable = identifier(found)
    assert variable.isidentifier()
    assert unicodedata.normalize("NFKC", variable) == variable
    assert not keyword.iskeyword(variable)
    assert variable not in {"veza", "people", "profiles", "profile_types", "list", "print", "l"}
    assert len(found.encode()) < 200
    assert not set(found) & set("/\\.: \0")


@given(st.lists(st.sampled_from(["Sales", "sales", "SALES ", "S\u0301ales", "Śales", "🚀", ""]), max_size=12))
def test_no_two_objects_share_a_name_and_each_keeps_its_own(names: list[str]) -> None:
    objects = [Nameable(f"id-{place}", name, f"2026-01-{place + 1:02d}") for place, name in enumerate(names)]
    found = unique_names(objects, "profile", {})
    assert len(set(found.values())) == len(objects)
    assert unique_names(reversed(objects), "profile", {}) == found
    # Somebody older of the same name changes no name that was given.
    older = Nameable("older", "Sales", "2020-01-01")
    again = unique_names([older, *objects], "profile", found)
    assert {id_: again[id_] for id_ in found} == found


def test_the_oldest_gets_the_plain_name_and_the_others_a_part_of_their_id() -> None:
    found = unique_names(
        [Nameable("0b4e1c2e-7c1f", "Sales", "2026-02"), Nameable("ffffff00-0000", "sales", "2025-01")], "profile", {}
    )
    assert found == {"ffffff00-0000": "sales", "0b4e1c2e-7c1f": "sales-0b4e1c"}


def test_a_name_of_an_object_that_is_gone_is_not_given_to_another() -> None:
    assert unique_names([Nameable("abcdef01", "Sales")], "profile", {"gone": "sales"}) == {"abcdef01": "sales-abcdef"}
