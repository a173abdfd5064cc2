"""What a tenant keeps otherwise than it was sent is said once, is no drift, and makes no second object."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_veza.errors import ConflictError
from pulumi_veza.fields.field_types import SECRET_SIGNATURE, JsonObject
from pulumi_veza.provider.lifecycle import NAME_KEY, Lifecycle
from pulumi_veza.resources import profile
from pulumi_veza.resources.profile import ProfileKind
from pulumi_veza.resources.profile_type import TypeKind
from pulumi_veza.resources.version import VersionKind
from pulumi_veza.rules import kept
from pulumi_veza.rules.kept import KEPT_KEY
from tests.support.runs import Runs
from tests.support.tenant import Json, Tenant

TYPE, PROFILE, VERSION = map(Lifecycle, (TypeKind(), ProfileKind(), VersionKind()))

TEXTS = {
    "name": " Sales R&D ",
    "description": "Sells <b> & bolts at the cafe\u0301\n",
    "labels": ["CRM", "crm ", "U\u0308ber"],
}
PROPERTIES = {"flag": True, "count": 3, "half": 0.5, "none": None, "nested": {"b": [1, True], "a": "A"}, "text": "3"}
GROUP = {"entity_type": "Group", "datasource_id": "ds", "entity_id": "g-1", "custom_properties": PROPERTIES}

QUIRKS = ["trims_texts", "escapes_texts", "lowercases_texts", "composes_texts", "custom_properties_as_texts"]
everywhere = pytest.mark.parametrize(
    "quirks", [*([each] for each in QUIRKS), QUIRKS], ids=[*QUIRKS, "all of them together"]
)


@pytest.fixture(autouse=True)
def _seed(tenant: Tenant) -> None:
    tenant.seed(
        types=[{"id": "open", "name": "Open", "allow_create_relationships": True, "allow_inherit_entities": True}],
        profiles=[{"id": "team", "name": "Team", "profile_type": "open"}],
    )


def inputs(lifecycle: Lifecycle, args: Json, olds: JsonObject | None = None) -> JsonObject:
    found, failures = lifecycle.check(olds or {}, {**args, NAME_KEY: "it"})
    assert failures == []
    return found


def profile_args(**more: Any) -> Json:
    return {**TEXTS, "profile_type": "open", "custom_properties": PROPERTIES, "entitlements": [GROUP], **more}


KINDS = {
    "type": (TYPE, {"name": TEXTS["name"], "description": TEXTS["description"], "max_entitlements": 3}),
    "profile": (PROFILE, profile_args()),
    "version": (VERSION, {"profile_id": "team", "entitlements": [GROUP]}),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def sent(tenant: Tenant) -> list[str]:
    found = [each["method"] for each in tenant.requests(mutating=True)]
    tenant.clear_requests()
    return found


def objects(tenant: Tenant) -> tuple[int, int]:
    return len(tenant.profiles()), len(tenant.state()["types"])


@every_kind
@everywhere
def test_the_same_program_sends_nothing_more_and_finds_its_object_again(
    kind: str, quirks: list[str], runs: Runs, tenant: Tenant
) -> None:
    lifecycle, args = KINDS[kind]
    tenant.quirks(**dict.fromkeys(quirks, True))
    runs.new()
    news = inputs(lifecycle, args)
    id_, outs = lifecycle.create(news)
    warned = [each for each in runs.said if "the tenant keeps" in each]
    assert len(warned) == (1 if outs.get(KEPT_KEY) else 0), runs.said
    if kind == "profile":
        made = tenant.profile(id_)
        differing = {name for name in ("name", "description") if made[name] != news[name]}
        # Composed and decomposed accents of a name are one name, and so is nothing to be told of.
        assert {*outs.get(KEPT_KEY, {})} >= differing
        assert all(made[name] == value for name, value in outs.get(KEPT_KEY, {}).items() if name in differing)
    made_once = objects(tenant)
    sent(tenant)
    for _ in range(2):
        runs.new()
        assert lifecycle.diff(id_, outs, inputs(lifecycle, args, outs)).changes is False
        found = lifecycle.read(id_, outs)
        assert found is not None
        again, read = found
        assert read == news
        assert again.get(KEPT_KEY) == outs.get(KEPT_KEY)
        assert [each for each in runs.said if "keeps" in each] == []
        outs = again
    assert sent(tenant) == []
    # Destroyed and made again, or made by a run whose answer was lost.
    runs.new()
    lifecycle.delete(id_, outs)
    runs.new()
    found_again, outs = lifecycle.create(inputs(lifecycle, args))
    assert (found_again, objects(tenant)) == (id_, made_once)
    sent(tenant)
    runs.new()
    assert (lifecycle.read(id_, outs) or ({}, {}))[1] == news
    assert lifecycle.diff(id_, outs, inputs(lifecycle, args, outs)).changes is False


@every_kind
@everywhere
def test_what_only_lists_show_is_drift_once_and_never_again(
    kind: str, quirks: list[str], runs: Runs, tenant: Tenant
) -> None:
    lifecycle, args = KINDS[kind]
    tenant.quirks(**dict.fromkeys(quirks, True), kept_texts_show_later=True)
    runs.new()
    news = inputs(lifecycle, args)
    id_, outs = lifecycle.create(news)
    assert KEPT_KEY not in outs
    rounds = []
    for _ in range(3):
        sent(tenant)
        runs.new()
        found = lifecycle.read(id_, outs)
        assert found is not None
        outs, _ = found
        runs.new()
        wanted = inputs(lifecycle, args, outs)
        difference = lifecycle.diff(id_, outs, wanted)
        assert difference.replaces == [], "a second type would be made"
        if difference.changes:
            outs = lifecycle.update(id_, outs, wanted)
        rounds.append(sent(tenant))
    assert rounds[1:] == [[], []], rounds


def test_what_is_kept_otherwise_is_said_with_what_to_write(runs: Runs, tenant: Tenant) -> None:
    tenant.quirks(trims_texts=True, custom_properties_as_texts=True)
    runs.new()
    args = profile_args(labels=["crm ", "b"], custom_properties={"flag": True}, description="R & D", entitlements=[])
    id_, outs = PROFILE.create(inputs(PROFILE, args))
    assert (
        "warning: AccessProfile 'it': the tenant keeps name as 'Sales R&D' instead of ' Sales R&D ', labels as 'crm' "
        "instead of 'crm ', custom_properties['flag'] as 'true' instead of True; write here what it keeps. The "
        "difference counts as none, and nothing is sent again because of it"
    ) in runs.said
    assert outs[KEPT_KEY] == {
        "name": "Sales R&D",
        "labels": {"b": "b", "crm": "crm"},
        "custom_properties": {"flag": "true"},
    }
    # Whoever writes what is kept has no difference either, and a state without it.
    runs.new()
    args |= {"name": "Sales R&D", "labels": ["crm", "b"], "custom_properties": {"flag": "true"}}
    outs = PROFILE.update(id_, outs, inputs(PROFILE, args, outs))
    assert KEPT_KEY not in outs
    assert runs.said == []


def test_an_escaped_name_is_said_without_the_advice_to_escape_it(runs: Runs, tenant: Tenant) -> None:
    tenant.quirks(escapes_texts=True)
    runs.new()
    PROFILE.create(inputs(PROFILE, {"name": "R&D", "profile_type": "open"}))
    assert any(
        "keeps name as 'R&amp;D' instead of 'R&D'; write a text without the characters that it escapes" in each
        for each in runs.said
    )


def test_a_secret_is_said_without_its_value(runs: Runs, tenant: Tenant) -> None:
    tenant.quirks(trims_texts=True)
    runs.new()
    secret = {"name": " hush ", "labels": ["sh "], "profile_type": "open", "__secrets": ["name", "labels"]}
    PROFILE.create({**inputs(PROFILE, secret), "__secrets": ["name", "labels"]})
    assert not any("hush" in each or "'sh" in each for each in runs.said)
    assert any("the tenant keeps name, labels; write" in each for each in runs.said)


def test_what_is_kept_of_a_secret_is_a_secret_of_the_state() -> None:
    outputs: Json = {"name": " hush ", "__secrets": ["name"], KEPT_KEY: {"name": "hush"}}
    assert profile.Provider()._outputs(outputs)[KEPT_KEY].keys() >= {SECRET_SIGNATURE}
    assert profile.Provider()._outputs({**outputs, "__secrets": ["labels"]})[KEPT_KEY] == {"name": "hush"}


@every_kind
def test_whoever_writes_what_the_tenant_keeps_sends_nothing_and_replaces_nothing(
    kind: str, runs: Runs, tenant: Tenant
) -> None:
    lifecycle, args = KINDS[kind]
    tenant.quirks(trims_texts=True, custom_properties_as_texts=True)
    runs.new()
    id_, outs = lifecycle.create(inputs(lifecycle, args))
    kept_values = outs[KEPT_KEY]
    assert kept_values
    sent(tenant)
    runs.new()
    advised = inputs(lifecycle, {**args, **{name: listed(value) for name, value in kept_values.items()}}, outs)
    difference = lifecycle.diff(id_, outs, advised)
    assert (difference.changes, difference.replaces) == (True, [])
    outs = lifecycle.update(id_, outs, advised)
    assert KEPT_KEY not in outs
    assert sent(tenant) == []
    runs.new()
    assert (lifecycle.read(id_, outs) or ({}, {}))[1] == advised


def listed(value: Any) -> Any:
    """Return a set of the state as a program writes it."""
    is_set = isinstance(value, dict) and all(isinstance(each, dict) or each == key for key, each in value.items())
    return [*value.values()] if is_set else value


def test_a_change_by_hand_of_what_is_kept_otherwise_is_drift(runs: Runs, tenant: Tenant) -> None:
    tenant.quirks(trims_texts=True)
    runs.new()
    args = {"name": "Sales ", "description": " for sales", "profile_type": "open", "labels": ["a ", "b"]}
    id_, outs = PROFILE.create(inputs(PROFILE, args))
    tenant.edit_profile(id_, description="for nobody", labels=["a"])
    runs.new()
    found = PROFILE.read(id_, outs)
    assert found is not None
    outs, read = found
    assert read is not None
    assert (read["name"], read["description"], read["labels"]) == ("Sales ", "for nobody", {"a": "a"})
    runs.new()
    wanted = inputs(PROFILE, args, outs)
    assert PROFILE.diff(id_, outs, wanted).changes
    tenant.clear_requests()
    outs = PROFILE.update(id_, outs, wanted)
    assert [each["body"] for each in tenant.requests(mutating=True)] == [
        {"description": " for sales", "labels": ["a ", "b"]}
    ]
    assert {*outs[KEPT_KEY]} == {"name", "description", "labels"}
    runs.new()
    assert (PROFILE.read(id_, outs) or ({}, {}))[1] == wanted


def after(response: Json, news: Json, olds: Json, sent_fields: list[str], lifecycle: Lifecycle = PROFILE) -> Json:
    return kept.after_write(lifecycle.kind.schema, news, olds, response, sent_fields)


def test_a_response_with_the_value_of_before_does_not_tell_what_is_kept() -> None:
    olds, news = {"description": "Old"}, {"description": "New"}
    assert after({"description": "Old"}, news, olds, ["description"]) == {}
    assert after({"description": "other"}, news, olds, ["description"]) == {"description": "other"}
    # A difference in the spelling alone is one that the tenant makes.
    assert after({"description": "new"}, news, {"description": "new"}, ["description"]) == {"description": "new"}


def test_what_a_response_omits_adds_or_writes_as_a_number_is_not_kept_otherwise() -> None:
    news = {
        "name": "Sales",
        "state": "RUNNING",
        "labels": {"a": "a"},
        "catalog_item_info": {"name": "Sales", "icon": "i"},
        "entitlements": {"k": {"entity_type": "G", "datasource_id": "d", "entity_id": "e", "grant_by": "DIRECT"}},
    }
    key = "G d/e"
    news["entitlements"] = {key: news["entitlements"]["k"]}  # type: ignore[index]
    response = {
        "state": "7",
        "catalog_item_info": {"name": "Sales", "recommended": True},
        "entities_to_create_relationships_to": [
            {"entity_type": "G", "datasource_id": "d", "entity_id": "e", "grant_by": "2", "entity_name": "Group"}
        ],
    }
    assert after(response, news, {}, [*news]) == {}


def test_access_that_the_tenant_drops_stays_a_difference() -> None:
    one, two = ({"entity_type": "G", "datasource_id": "d", "entity_id": each} for each in "ab")
    news = {"entitlements": {"G d/a": one, "G d/b": two}, "inherits_from": {"p": "p"}, "state": "RUNNING"}
    response = {"entities_to_create_relationships_to": [one], "inherit_entities_from_access_profiles": []}
    assert after({**response, "state": "PAUSED"}, news, {}, [*news]) == {}
    assert after({"state": "PENDING"}, news, {}, [*news]) == {"state": "PENDING"}


# Names that the tenant distinguishes


@pytest.mark.parametrize("other", ["Sales team", "Sales Team", "R&amp;D ", "R&D"])
def test_profiles_that_the_tenant_distinguishes_by_name_are_not_mixed_up(
    other: str, runs: Runs, tenant: Tenant
) -> None:
    wanted = {"Sales team": "Sales Team", "Sales Team": "Sales Team ", "R&amp;D ": "R&D", "R&D": "R&amp;D"}[other]
    tenant.seed(profiles=[{"id": "theirs", "name": other, "profile_type": "open"}])
    tenant.seed(profiles=[{"id": "ours", "name": wanted, "profile_type": "open"}])
    runs.new()
    id_, _ = PROFILE.create(inputs(PROFILE, {"name": wanted, "profile_type": "open"}))
    assert id_ == "ours"
    assert tenant.profile("theirs")["name"] == other


ALIKE = pytest.mark.parametrize(("one", "other"), [("Sales", "Sales "), ("R&D", "R&amp;D"), ("R&amp;D ", "R&D")])


@ALIKE
@pytest.mark.parametrize(("lifecycle", "more"), [(PROFILE, {"profile_type": "open"}), (TYPE, {})])
def test_two_new_objects_whose_names_a_tenant_may_keep_alike_are_refused(
    lifecycle: Lifecycle, more: Json, one: str, other: str, runs: Runs
) -> None:
    runs.new()
    inputs(lifecycle, {**more, "name": one})
    _, failures = lifecycle.check({}, {**more, "name": other, NAME_KEY: "two"})
    (reason,) = (failure.reason for failure in failures)
    assert "'it' of this program has a name that differs only in blanks at its ends or in HTML escapes" in reason
    assert "write existing_id in both" in reason
    _, failures = lifecycle.check({}, {**more, "name": f"{other}!", NAME_KEY: "three"})
    assert failures == []


@ALIKE
def test_two_profiles_of_nearly_one_name_that_ids_tell_apart_stay_two(
    one: str, other: str, runs: Runs, tenant: Tenant
) -> None:
    tenant.seed(
        profiles=[{"id": f"p-{n}", "name": name, "profile_type": "open"} for n, name in enumerate((one, other))]
    )
    runs.new()
    declared = [
        {"name": name, "profile_type": "open", "existing_id": f"p-{n}", NAME_KEY: f"r-{n}"}
        for n, name in enumerate((one, other))
    ]
    checked = [PROFILE.check({}, each) for each in declared]
    assert [failures for _, failures in checked] == [[], []]
    assert [PROFILE.create(args)[0] for args, _ in checked] == ["p-0", "p-1"]
    # Afterwards the state tells.
    runs.new()
    for args, _ in checked:
        _, failures = PROFILE.check(args, {name: value for name, value in args.items() if name != "existing_id"})
        assert failures == []


def test_without_case_only_what_a_create_leaves_is_taken_over(runs: Runs, tenant: Tenant) -> None:
    tenant.seed(
        profiles=[
            {"id": "theirs", "name": "sales", "profile_type": "open", "description": "Somebody else's"},
            {"id": "left", "name": "support", "profile_type": "open", "description": "it helps", "state": "PAUSED"},
        ]
    )
    runs.new()
    made, _ = PROFILE.create(inputs(PROFILE, {"name": "Sales", "profile_type": "open"}))
    found, _ = PROFILE.create(inputs(PROFILE, {"name": "Support", "profile_type": "open", "description": "It helps"}))
    assert made not in ("theirs", "left")
    assert found == "left"


COMPOSED, APART = "Caf\u00e9", "Cafe\u0301"


@pytest.mark.parametrize(("there", "written"), [(COMPOSED, APART), (APART, COMPOSED)])
def test_composed_and_decomposed_accents_are_one_name(there: str, written: str, runs: Runs, tenant: Tenant) -> None:
    tenant.seed(
        types=[{"id": "cafe", "name": there}], profiles=[{"id": "p-cafe", "name": there, "profile_type": "open"}]
    )
    runs.new()
    type_id, type_outs = TYPE.create(inputs(TYPE, {"name": written}))
    id_, outs = PROFILE.create(inputs(PROFILE, {"name": written, "profile_type": "open"}))
    assert (type_id, id_) == ("cafe", "p-cafe")
    assert tenant.requests(mutating=True) == []
    # Two spellings in one program are one object, too.
    for lifecycle, more in ((TYPE, {}), (PROFILE, {"profile_type": "open"})):
        _, failures = lifecycle.check({}, {"name": there, **more, NAME_KEY: "two"})
        assert [each.reason.partition(" of this program")[0] for each in failures] == [f"{lifecycle.kind.name} 'it'"]
    runs.new()
    assert not TYPE.diff(type_id, type_outs, inputs(TYPE, {"name": there}, type_outs)).changes
    assert not PROFILE.diff(id_, outs, inputs(PROFILE, {"name": there, "profile_type": "open"}, outs)).changes
    assert (PROFILE.read(id_, outs) or ({}, {}))[1] == inputs(PROFILE, {"name": written, "profile_type": "open"})


@pytest.mark.parametrize("secret", [False, True])
def test_a_new_name_that_exists_in_another_spelling_is_refused_with_the_object(
    secret: bool, runs: Runs, tenant: Tenant
) -> None:
    tenant.seed(profiles=[{"id": "theirs", "name": "Sales team", "profile_type": "open"}])
    tenant.quirks(unique_names_without_case=True)
    runs.new()
    hidden: Json = {"__secrets": ["name"]} if secret else {}
    args: Json = {"name": "Sellers", "profile_type": "open", **hidden}
    id_, outs = PROFILE.create({**inputs(PROFILE, args), **hidden})
    runs.new()
    news = {**inputs(PROFILE, {**args, "name": "Sales Team"}, outs), **hidden}
    with pytest.raises(ConflictError) as refused:
        PROFILE.update(id_, outs, news)
    text = str(refused.value)
    assert ("'Sales team' (theirs) of type open" in text) is not secret
    assert "theirs of type open" in text or not secret
    assert ("Sales" in text) is not secret


# Waiting for the approval to start

STARTING = {"name": "Sales", "profile_type": "open", "require_approval_to_start": True}
WAITS = (
    "info: AccessProfile 'it': waits for the approval to start: the tenant answers PENDING, and RUNNING is not asked "
    "for again until the program changes it"
)


def test_a_profile_that_waits_for_its_approval_is_said_once_and_asked_for_once(runs: Runs, tenant: Tenant) -> None:
    tenant.quirks(approval_to_start=True)
    runs.new()
    paused = {**STARTING, "state": "PAUSED"}
    id_, outs = PROFILE.create(inputs(PROFILE, paused))
    runs.new()
    outs = PROFILE.update(id_, outs, inputs(PROFILE, STARTING, outs))
    assert tenant.profile(id_)["state"] == "PENDING"
    assert (outs["state"], outs[KEPT_KEY]) == ("RUNNING", {"state": "PENDING"})
    assert runs.said == [WAITS]
    sent(tenant)
    # Another field changes while it waits.
    runs.new()
    outs = (PROFILE.read(id_, outs) or ({}, {}))[0]
    described = {**STARTING, "description": "Sells"}
    outs = PROFILE.update(id_, outs, inputs(PROFILE, described, outs))
    assert [each["body"] for each in tenant.requests(mutating=True)] == [{"description": "Sells"}]
    sent(tenant)
    assert (runs.said, outs[KEPT_KEY]) == ([], {"state": "PENDING"})
    runs.new()
    assert not PROFILE.diff(id_, outs, inputs(PROFILE, described, outs)).changes
    tenant.approve(id_)
    runs.new()
    outs = (PROFILE.read(id_, outs) or ({}, {}))[0]
    assert (outs["state"], KEPT_KEY in outs) == ("RUNNING", False)
    assert sent(tenant) == []


def test_a_profile_that_a_post_leaves_waiting_is_not_asked_again(runs: Runs, tenant: Tenant) -> None:
    tenant.quirks(approval_to_start_at_creation=True)
    runs.new()
    _, outs = PROFILE.create(inputs(PROFILE, {"name": "Sales", "profile_type": "open"}))
    assert outs[KEPT_KEY] == {"state": "PENDING"}
    assert [each["method"] for each in tenant.requests(mutating=True)] == ["POST"]
    assert runs.said == [WAITS]


def test_a_state_of_before_finds_a_waiting_profile_waiting(runs: Runs, tenant: Tenant) -> None:
    runs.new()
    id_, outs = PROFILE.create(inputs(PROFILE, STARTING))
    tenant.edit_profile(id_, state="PENDING")
    runs.new()
    found = PROFILE.read(id_, outs)
    assert found is not None
    assert (found[0]["state"], found[0][KEPT_KEY]) == ("RUNNING", {"state": "PENDING"})
    assert runs.said == [WAITS]
    # Whoever declares PENDING has what is declared, and a paused one is drift.
    pending = {**STARTING, "state": "PENDING"}
    assert not PROFILE.diff(id_, {**outs, "state": "PENDING"}, inputs(PROFILE, pending, outs)).changes
    tenant.edit_profile(id_, state="PAUSED")
    runs.new()
    found = PROFILE.read(id_, found[0])
    assert found is not None
    assert (found[0]["state"], KEPT_KEY in found[0]) == ("PAUSED", False)
