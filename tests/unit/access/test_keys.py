"""What the model and the provider have to agree on without importing each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pulumi_veza.access import organisation
from pulumi_veza.fields.schema import SentIn
from pulumi_veza.plan import records, state
from pulumi_veza.plan.members import SET_OPTIONS
from pulumi_veza.provider import live_members
from pulumi_veza.resources import KINDS, content, inputs, membership

texts = st.text(max_size=5)
assigned = {"assigned_to_entity_type": texts, "assigned_to_entity_id": texts, "grant_by": texts}


@given(
    st.fixed_dictionaries(
        {"entity_type": texts, "datasource_id": texts, "entity_id": texts},
        optional=assigned,
    )
)
def test_an_entitlement_has_one_key(fields: dict[str, str]) -> None:
    assert organisation.entitlement_key(fields) == inputs.entitlement_key(fields)


def test_the_kinds_have_one_name() -> None:
    kinds = {each._provider_class.lifecycle.kind.name for each in KINDS}
    assert kinds == {records.TYPE, records.PROFILE, records.VERSION, records.MEMBERS}


def test_members_added_by_hand_are_known_by_one_source() -> None:
    assert organisation.BY_MEMBERSHIP == live_members.BY_MEMBERSHIP


def test_the_lists_of_a_version_have_one_name() -> None:
    assert state.LISTS == content.LISTS


def test_the_options_of_a_set_are_all_that_it_does_not_list_or_select() -> None:
    fields = {field.name for field in membership.MembershipKind.schema}
    assert set(SET_OPTIONS) == fields - {"profile_id", "identity_ids", "version"}
    assert all(field.input.sent is SentIn.NEVER for field in membership.MembershipKind.schema)
