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
    # An id has no invisible character at its ends and no control character at all; a name and any other text may.
    id_ = "".join(each for each in text.strip(" \u202e") if each.isprintable() or each == "\u200d")
    tenant.seed(
        types=[{"id": id_, "name": "Role", "allow_create_relationships": True, "allow_inherit_entities": True}],
        profiles=[{"id": id_, "name": "Team", "profile_type": id_}],
        identities=[id_, "ana"],
    )
    group = {"entity_type": text, "datasource_id": id_, "entity_id": id_}
    # A key that the engine would hide is refused.
    properties = {text.removeprefix("__"): text}
    wanted: list[tuple[type, Json, Json]] = [
        (AccessProfileType, {"name": text, "description": text}, {"on_destroy": "prevent"}),
        (
            AccessProfile,
            {"name": text, "profile_type": id_, "labels": [text], "custom_properties": properties},
            {"description": text},
        ),
        (AccessProfileVersion, {"profile_id": id_, "entitlements": [group]}, {"access_request_policy_id": id_}),
        (MembershipSet, {"profile_id": id_, "identity_ids": [id_]}, {"identity_ids": [id_, "ana"]}),
    ]
    run = start(tenant.env())
    states = []
    for kind, first, more in wanted:
        checked = run.check(kind, {**first, "__name": "it"})
        assert checked.failures == []
        made_id, state = run.create(kind, checked.inputs)
        checked = run.check(kind, {**first, **more, "__name": "it"}, state)
        assert checked.failures == []
        states.append((kind, made_id, run.update(kind, made_id, state, checked.inputs), checked.inputs))
    made = tenant.profile(next(each["id"] for each in tenant.profiles() if each["id"] != id_))
    assert (made["name"], made["labels"], made["custom_properties"]) == (text, [text], properties)
    assert made["description"] == text
    content = tenant.version("Team")
    assert content["entities_to_create_relationships_to"][0]["entity_id"] == id_
    assert tenant.members("Team").keys() == {id_, "ana"}
    later = start(tenant.env())
    for kind, made_id, state, inputs in states:
        assert not later.diff(kind, made_id, state, inputs).changes
        found, _, read = later.read(kind, made_id, state)
        assert (found, read) == (made_id, inputs)
    destroying = start(tenant.env())
    for kind, made_id, state, _ in states[1:]:
        destroying.delete(kind, made_id, state)
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
