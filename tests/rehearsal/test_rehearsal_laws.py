"""For random tenants and changes: a rehearsal does what the run on the tenant does, and what was predicted of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from pulumi_veza.access import tenant as live
from pulumi_veza.access.organisation import Organisation
from pulumi_veza.client.client import Client
from pulumi_veza.errors import VezaError
from pulumi_veza.impact import building
from pulumi_veza.impact.document import Document
from pulumi_veza.impact.rehearsal_outcome import Rehearsal
from pulumi_veza.plan import preview_json
from pulumi_veza.plan.by_hand import changed_by_hand
from pulumi_veza.rehearsal import comparison
from pulumi_veza.rehearsal.comparison import EngineRun
from pulumi_veza.rehearsal.server import OpenedOnTwin
from pulumi_veza.rules.tenant import TENANT_KEY
from pulumi_veza.twin import document, reading
from tests.impact.small_engine import Engine, Held, Refused
from tests.impact.test_truth import ByHand, interference, lies, profile_ids
from tests.impact.truth import Access, Requests, access_of, opened_since
from tests.support.generation.organisations import Change, Resources, change_of, changes, seed
from tests.support.laws import with_requests
from tests.support.runs import Runs
from tests.support.tenant import Tenant

SOURCES = ("ACCESS_PROFILE_MEMBERSHIP", "BIRTHRIGHT", "OTHER")


@pytest.fixture(scope="module")
def twin() -> Iterator[Tenant]:
    """Start a second simulator, which plays the twin."""
    with Tenant.start() as running:
        yield running


def copy_to(twin: Tenant, tenant: Tenant) -> None:
    """Make the twin of a tenant."""
    with Client(tenant.url, tenant.token) as client:
        found = document.document(reading.read(client))
    twin.reset()
    twin.control("POST", "seed", json.loads(document.dump(found)))


def on_twin(engine: Engine, twin: Tenant) -> Engine:
    """Copy a stack's state to the twin."""
    state = {
        urn: Held(held.declared, held.id, held.inputs, {**held.outputs, TENANT_KEY: twin.url})
        for urn, held in engine.state.items()
    }
    return Engine(Runs(twin), state)


def organisation(tenant: Tenant) -> Organisation:
    with Client(tenant.url, tenant.token) as client:
        return live.organisation(client)


def up(engine: Engine, program: Resources) -> tuple[Access | None, Requests]:
    """Bring a stack up; return who has what afterwards, and the access requests; None where it is refused."""
    tenant = engine.runs.tenant
    before = len(tenant.access_requests())
    try:
        engine.up(program)
    except (Refused, VezaError):
        return None, opened_since(tenant, before)
    finally:
        engine.runs.end()
    return access_of(tenant), opened_since(tenant, before)


def rehearsed(engine: Engine, program: Resources) -> tuple[Document, Rehearsal, tuple[Access | None, Requests]]:
    """Rehearse a change on a twin: predict, do it, and compare."""
    twin = engine.runs.tenant
    before = organisation(twin)
    predicted = building.build(preview_json.preview(engine.preview(program)), before)
    done = up(engine, program)
    opened = [
        OpenedOnTwin(each["type"], each["identity_id"], each["access_profile_id"], each["access_profile_name"])
        for each in twin.access_requests()
    ]
    run = EngineRun(done=done[0] is not None, refusals=[], changes={})
    return predicted, comparison.rehearsal(predicted, before, organisation(twin), opened, run), done


def begun(runs: Runs, number: int, program: Resources, by_hand: ByHand) -> Engine:
    """Create a stack, and let somebody interfere."""
    seed(runs.tenant)
    engine = Engine(runs)
    engine.up(program)
    profiles = sorted(profile_ids(engine, "AccessProfile"))
    for who, place in by_hand if profiles else ():
        source = SOURCES[(number + place) % len(SOURCES)]
        runs.tenant.change_members(profiles[place % len(profiles)], add=[who], created_from=source)
    if profiles and number % 3 == 0:
        runs.tenant.create_draft(profiles[0])
    if number % 3 == 1:
        edit_by_hand(runs.tenant, profiles)
    return engine


def edit_by_hand(tenant: Tenant, profiles: Sequence[str]) -> None:
    """Change what the stack has written: every profile in another way."""
    edits: tuple[dict[str, Any], ...] = (
        {"entities_to_create_relationships_to": []},
        {"state": "PAUSED"},
        {"inherit_entities_from_access_profiles": [], "labels": ["by hand"], "name": "Renamed"},
    )
    for place, profile in enumerate(profiles):
        tenant.edit_profile(profile, **edits[place % len(edits)])
        tenant.change_members(profile, remove=sorted(tenant.members(profile))[:1])


def hold_rehearsals_to_the_runs(runs: Runs, twin: Tenant, chosen: settings) -> dict[str, int]:
    """Rehearse random changes and run them; return how many did what."""
    done = {"refused": 0, "changed": 0, "requests": 0, "lost": 0, "gained": 0}

    @chosen
    @given(number=st.integers(0, 5), programs=changes, by_hand=interference)
    def search(number: int, programs: Change, by_hand: ByHand) -> None:
        first, second = programs
        try:
            engine = begun(runs, number, first, by_hand)
        except (Refused, VezaError):
            assume(False)
        before = access_of(runs.tenant)
        copy_to(twin, runs.tenant)
        assert access_of(twin) == before
        try:
            _, found, there = rehearsed(on_twin(engine, twin), second)
        except Refused:
            there = None, Requests()
        else:
            assert found.differences == []
        here = up(engine, second)
        if there[0] is None:
            assert here[0] is None
            done["refused"] += 1
            return
        assert here == there
        assert {(each.identity_id, each.entitlement) for each in found.lost} == before.keys() - there[0].keys()
        assert {(each.identity_id, each.entitlement) for each in found.gained} == there[0].keys() - before.keys()
        done["changed"] += 1
        done["requests"] += bool(there[1])
        done["lost"] += bool(found.lost)
        done["gained"] += bool(found.gained)

    search()
    print(done)
    return done


def test_a_rehearsal_does_what_the_run_on_the_tenant_does_and_what_was_predicted(runs: Runs, twin: Tenant) -> None:
    done = hold_rehearsals_to_the_runs(runs, twin, settings(with_requests, max_examples=25))
    assert done["changed"] >= 12
    assert min(done["requests"], done["lost"], done["gained"]) >= 1


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_many_rehearsals_do_what_the_runs_on_the_tenant_do(runs: Runs, twin: Tenant) -> None:
    done = hold_rehearsals_to_the_runs(runs, twin, settings(max_examples=300, phases=[Phase.generate]))
    assert done["changed"] >= 200
    assert min(done["requests"], done["lost"], done["gained"]) >= 20


def test_what_was_changed_by_hand_is_named_and_predicted_to_stay(runs: Runs, twin: Tenant) -> None:
    told = set()
    for number in range(6):
        program = change_of(number)[0]
        try:
            engine = begun(runs, 2, program, [])
        except (Refused, VezaError):
            continue
        copy_to(twin, runs.tenant)
        records = preview_json.preview(on_twin(engine, twin).preview(program))
        assert changed_by_hand(records, organisation(twin)) == []
        edit_by_hand(runs.tenant, sorted(profile_ids(engine, "AccessProfile")))
        copy_to(twin, runs.tenant)
        records = preview_json.preview(on_twin(engine, twin).preview(program))
        assert {record.op for record in records} == {"same"}
        before = organisation(twin)
        told |= set(changed_by_hand(records, before))
        predicted = building.build(records, before)
        assert (predicted.people, predicted.requests) == ([], [])
    assert len(told) >= 3


def test_whatever_a_prediction_leaves_out_or_makes_up_is_a_difference(runs: Runs, twin: Tenant) -> None:
    told = 0
    for number in range(10):
        first, second = change_of(number)
        try:
            engine = begun(runs, 2, first, [])
            copy_to(twin, runs.tenant)
            predicted, found, done = rehearsed(on_twin(engine, twin), second)
        except (Refused, VezaError):
            continue
        if done[0] is None or any(each.people == 0 for each in predicted.unknowns):
            continue
        for lie in lies(predicted):
            assert list(comparison.differences(lie, found)) != []
            told += 1
    assert told > 20


def test_a_difference_says_who_and_what() -> None:
    nothing = building.build([])
    found = Rehearsal.model_validate(
        {
            "done": True,
            "lost": [{"identity_id": "ana", "entitlement": "Group sf/g", "path": ["Sellers", "Base"]}],
            "requests": [{"operation": "DEPROVISION", "identity_id": "ana", "profile": "Sellers"}] * 2,
        }
    )
    assert list(comparison.differences(nothing, found)) == [
        "ana loses Group sf/g by Sellers > Base, which was not predicted",
        "2 access requests to deprovision ana in Sellers opened, and not predicted",
    ]
    row: dict[str, Any] = {"effect": "gained", "entitlement": "Group sf/g", "path": ["p"]}
    told = nothing.model_dump()
    told["people"] = [{"id": "ana", "rows": [row]}]
    told["requests"] = [{"operation": "PROVISION", "identity_id": "ana", "profile": "p"}]
    predicted = Document.model_validate(told)
    assert list(comparison.differences(predicted, Rehearsal(done=True))) == [
        "it was predicted that ana gains Group sf/g, and it did not happen",
        "1 access request to provision ana in p predicted, and not opened",
    ]
