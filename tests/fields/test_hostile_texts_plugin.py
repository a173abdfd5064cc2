"""Unicode, and text that means something in a URL, in every place where a text can stand."""

from __future__ import annotations

import pytest

from pulumi_veza import AccessProfile, AccessProfileType, AccessProfileVersion, MembershipSet
from tests.support.fixtures import Start
from tests.support.plugin import Json
from tests.support.plugin_helpers import refused
from tests.support.tenant import Tenant

HOSTILE = {
    "a slash": "a/b",
    "parents": "../../x",
    "an escaped slash": "a%2Fb",
    "a query": "?page_size=1#end",
    "spaces and signs": " a + b & c = d;",
    "quotation marks": "\"a\" 'b' \\ `c`",
    "an emoji": "👩🏽‍💻",
    "right to left": "\u202e\u05e9\u05dc\u05d5\u05dd \u0639\u0627\u0644\u0645",
    "accents apart": "e\u0301",
    "a line break": "a\nb\tc",
    "the engine's own": "__provider",
    "long": "x" * 10_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.catalogue(29)
def test_any_text_is_kept_as_it_is_in_every_place(text: str, start: Start, tenant: Tenant) -> None:
    tenant.seed(
        types=[{"id": text, "name": "Role", "allow_create_relationships": True, "allow_inherit_entities": True}],
        profiles=[{"id": text, "name": "Team", "profile_type": text}],
        identities=[text, "ana"],
    )
    group = {"entity_type": text, "datasource_id": text, "entity_id": text}
    # A key that the engine would hide is refused.
    properties = {text.removeprefix("__"): text}
    wanted: list[tuple[type, Json, Json]] = [
        (AccessProfileType, {"name": text, "description": text}, {"on_destroy": "prevent"}),
        (
            AccessProfile,
            {"name": text, "profile_type": text, "labels": [text], "custom_properties": properties},
            {"description": text},
        ),
        (AccessProfileVersion, {"profile_id": text, "entitlements": [group]}, {"access_request_policy_id": text}),
        (MembershipSet, {"profile_id": text, "identity_ids": [text]}, {"identity_ids": [text, "ana"]}),
    ]
    run = start(tenant.env())
    states = []
    for kind, first, more in wanted:
        checked = run.check(kind, {**first, "__name": "it"})
        assert checked.failures == []
        id_, state = run.create(kind, checked.inputs)
        checked = run.check(kind, {**first, **more, "__name": "it"}, state)
        assert checked.failures == []
        states.append((kind, id_, run.update(kind, id_, state, checked.inputs), checked.inputs))
    made = tenant.profile(next(each["id"] for each in tenant.profiles() if each["id"] != text))
    assert (made["name"], made["labels"], made["custom_properties"]) == (text, [text], properties)
    assert made["description"] == text
    content = tenant.version("Team")
    assert content["entities_to_create_relationships_to"][0]["entity_id"] == text
    assert tenant.members("Team").keys() == {text, "ana"}
    later = start(tenant.env())
    for kind, id_, state, inputs in states:
        assert not later.diff(kind, id_, state, inputs).changes
        found, _, read = later.read(kind, id_, state)
        assert (found, read) == (id_, inputs)
    destroying = start(tenant.env())
    for kind, id_, state, _ in states[1:]:
        destroying.delete(kind, id_, state)
    assert tenant.profile(made["id"])["state"] == "PAUSED"
    assert tenant.members("Team") == {}
    assert [each["path"] for each in tenant.requests() if each["status"] != 200] == []


@pytest.mark.parametrize("no_id", [".", ".."])
@pytest.mark.catalogue(29)
def test_what_would_become_another_path_is_never_sent(no_id: str, start: Start, tenant: Tenant) -> None:
    tenant.seed(
        types=[{"id": "t-role", "name": "Role"}], profiles=[{"id": no_id, "name": "Team", "profile_type": "t-role"}]
    )
    run = start(tenant.env())
    inputs = run.check(MembershipSet, {"profile_id": no_id, "identity_ids": ["ana"]}).inputs
    assert f"'{no_id}' is not an id" in refused(run.create, MembershipSet, inputs)
    assert tenant.requests(mutating=True) == []
