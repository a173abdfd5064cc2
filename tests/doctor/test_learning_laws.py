"""Whatever a simulated tenant's switches: what is learned of it is so, and one that obeys the file answers alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_veza.doctor.learning.behaviour import Sure, dump
from pulumi_veza.doctor.learning.catalogue import questions
from tests.doctor.learned import BOOLEANS, a_seed, answers, learn, tellable
from tests.support.generation.answers import documented, spoilt
from tests.support.laws import with_requests
from tests.support.tenant import Tenant
from veza_simulator import like
from veza_simulator.quirks import Quirks

PAGES = (100, 1, 2, 3)

any_switches = st.fixed_dictionaries(
    {**{name: st.booleans() for name in BOOLEANS}, "largest_page": st.sampled_from(PAGES)}
)
few_switches = st.sets(st.sampled_from(BOOLEANS), max_size=2).map(
    lambda names: {**{name: name in names for name in BOOLEANS}, "largest_page": 100}
)


@pytest.fixture(scope="module")
def other() -> Iterator[Tenant]:
    """Start a second tenant, which is to answer as the first one does."""
    running = Tenant.start()
    yield running
    running.close()


@given(switches=st.one_of(few_switches, any_switches))
@settings(with_requests, max_examples=15)
def test_every_switch_that_reads_can_tell_is_found_and_a_tenant_that_obeys_the_file_answers_alike(
    tenant: Tenant, other: Tenant, tmp_path: Path, switches: dict[str, Any]
) -> None:
    for each in (tenant, other):
        each.reset()
        each.seed(**a_seed())
        each.create_draft("profile-0", inherit_entities_from_access_profiles=[])
    tenant.quirks(**switches)
    learned = learn(tenant)
    found = {name: learned.switches[name].value for name in tellable(switches)}
    assert found == tellable(switches)
    assert tenant.requests(mutating=True) == []

    file = tmp_path / "tenant.yaml"
    file.write_text(dump(learned, questions()), encoding="utf-8")
    other.quirks(**like.applied(like.read(file), Quirks()).model_dump())
    ordered = not switches["random_order"] and not switches["alternating_member_list"]
    assert answers(other, ordered=ordered) == answers(tenant, ordered=ordered)


sizes = st.fixed_dictionaries(
    {
        "types": st.integers(0, 3),
        "profiles": st.integers(0, 4),
        "members": st.integers(0, 3),
        "datasources": st.integers(0, 2),
        "rich": st.booleans(),
    }
)


@given(seed=sizes, switches=any_switches)
@settings(with_requests, max_examples=20)
def test_what_is_certain_is_so_however_little_the_tenant_holds(
    tenant: Tenant, seed: dict[str, Any], switches: dict[str, Any]
) -> None:
    tenant.reset()
    tenant.seed(**a_seed(**seed))
    tenant.quirks(**switches)
    learned = learn(tenant)
    certain = {name: each.value for name, each in learned.switches.items() if each.sure is Sure.CERTAIN}
    assert certain == {name: switches[name] for name in certain}
    for each in learned.switches.values():
        assert (each.sure is Sure.UNKNOWN) == (each.needs is not None) == (each.value is None)


SPOILT = {
    "access_profiles_types$": documented("list_access_profile_types.complete"),
    "access_profiles$": documented("list_access_profiles.entity_extra_info"),
    "/members$": {"values": [{"identity_id": "i", "identity_name": "I", "created_from": "BIRTHRIGHT"}]},
    "/identities/": documented("get_identity.standard"),
    "lifecycle_managers$": {"values": [{"id": "d", "datasource": {"name": "D"}, "definition": {"actions": [{}]}}]},
}


@given(path=st.sampled_from(sorted(SPOILT)), data=st.data())
@settings(with_requests, max_examples=20)
def test_whatever_a_tenant_answers_something_is_learned_or_one_error_says_why_not(
    tenant: Tenant, path: str, data: st.DataObject
) -> None:
    tenant.reset()
    tenant.seed(**a_seed())
    _, answer = data.draw(spoilt(SPOILT[path]))
    tenant.fault(path=path, status=200, answer=answer, count=None)
    learned = learn(tenant)
    assert yaml.safe_load(dump(learned, questions()))["switches"].keys() == Quirks.model_fields.keys()
