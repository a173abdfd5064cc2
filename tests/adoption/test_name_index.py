"""The index of profiles by name finds whatever a search through all of them finds."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from pulumi_veza.fields.spelling import tidy
from pulumi_veza.provider.name_index import NameIndex
from pulumi_veza.rules.identity import named

PIECES = ["AWS", "aws", "ab", "Ab", "ß", "SS", "é", "e\u0301", "&amp;", "&amp;amp;", "&", " ", "-", "_:", "\u200b", "x"]

names = st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join)
profiles = st.lists(
    st.fixed_dictionaries(
        {"name": names, "integrations": st.lists(st.sampled_from(["AWS", "ab"]), max_size=2)},
        optional={"profile_type": st.just("role")},
    ),
    max_size=6,
)
PREFIXING = {"add_integration_prefix_to_access_profile_names": True}


def numbered(listed: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {f"p-{number}": {"id": f"p-{number}", **profile} for number, profile in enumerate(listed)}


@given(profiles, profiles, names.filter(tidy), st.sampled_from([{}, PREFIXING]), st.booleans())
@example([{"name": "AWS x", "integrations": ["AWS"], "profile_type": "role"}], [], "x", PREFIXING, False)
@example(
    [{"name": "AWS &amp;amp; x", "integrations": ["AWS"], "profile_type": "role"}], [], "&amp;amp; x", PREFIXING, True
)
def test_the_index_finds_what_a_search_through_all_profiles_finds(
    before: list[dict[str, Any]], after: list[dict[str, Any]], name: str, kind: dict[str, Any], alike: bool
) -> None:
    known, index = numbered(before), NameIndex()
    for profile in known.values():
        index.add(profile)
    for changed in numbered(after).values():
        if changed["id"] in known:
            index.discard(known[changed["id"]])
        known[changed["id"]] = changed
        index.add(changed)

    def found(among: list[dict[str, Any]]) -> list[str]:
        return sorted(each["id"] for each in named(among, name, lambda: kind, lambda _: alike))

    everything = [each for each in known.values() if each.get("profile_type") == "role"]
    assert found([known[each] for each in index.find("role", name)]) == found(everything)
