"""What holds for any two organisations."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_veza.access.comparison import Effect, compare
from pulumi_veza.access.effective import Access
from pulumi_veza.access.organisation import HeldEntitlement, Membership, Organisation, Profile, Ref
from pulumi_veza.rules.reasons import Reason, Why

law = settings(max_examples=60)

REFS = [Ref(name) for name in "pqrs"]
PEOPLE = ["ada", "ben", "cai"]

entitlements = st.builds(
    lambda name, conditional: HeldEntitlement(f"Group ds/{name}", "Group", "ds", name, conditional),
    st.sampled_from("abc"),
    st.sampled_from([False, False, False, True]),
)
reasons = st.sampled_from([None, None, None, Reason(Why.CONDITION)])


@st.composite
def profiles(draw: st.DrawFn, ref: Ref) -> Profile:
    held = draw(st.lists(entitlements, max_size=3))
    return Profile(
        ref,
        f"Profile {ref}",
        state=draw(st.sampled_from(["RUNNING", "RUNNING", "PAUSED"])),
        entitlements={each.key: each for each in held},
        inherits=frozenset(draw(st.sets(st.sampled_from([*REFS, Ref("elsewhere")]), max_size=2))),
        unknown=draw(st.sampled_from([(), (), (), (Reason(Why.NOT_MANAGED, "p", "entitlements"),)])),
        uncertainty=draw(reasons),
        removes_dropped_entitlements=draw(st.sampled_from([True, False, None])),
    )


@st.composite
def organisations(draw: st.DrawFn) -> Organisation:
    found = Organisation()
    for ref in draw(st.sets(st.sampled_from(REFS))):
        found.profiles[ref] = draw(profiles(ref))
    for ref in [*found.profiles, Ref("elsewhere")]:
        for who in draw(st.sets(st.sampled_from(PEOPLE))):
            found.members[ref][who] = Membership(who, uncertainty=draw(reasons))
    return found


def certain(access: Access) -> set[tuple[str, str]]:
    """Return who certainly has what, without the model's own rows."""
    return {(who, key) for who, key, grant in access.holders() if grant.certain}


def shuffled(organisation: Organisation, seed: int) -> Organisation:
    """Return an equal organisation, with everything put into it in another order."""
    order = random.Random(seed)  # noqa: S311 - no secret
    found = Organisation()
    refs = list(organisation.profiles)
    order.shuffle(refs)
    for ref in refs:
        found.profiles[ref] = organisation.profiles[ref]
    places = list(organisation.members)
    order.shuffle(places)
    for ref in places:
        who = list(organisation.members[ref].items())
        order.shuffle(who)
        found.members[ref] = dict(who)
    return found


@law
@given(organisations())
def test_nothing_changes_where_nothing_changes(organisation: Organisation) -> None:
    assert compare(Access(organisation), Access(organisation)) == []
    assert compare(Access(organisation), Access(organisation.copy())) == []


@law
@given(organisations(), organisations(), st.integers(0, 9))
def test_the_order_of_anything_changes_nothing(before: Organisation, after: Organisation, seed: int) -> None:
    rows = compare(Access(before), Access(after))
    assert compare(Access(shuffled(before, seed)), Access(shuffled(after, seed + 1))) == rows


@law
@given(organisations(), organisations())
def test_every_certain_row_is_true_of_the_two_sets(before: Organisation, after: Organisation) -> None:
    had, has = certain(Access(before)), certain(Access(after))
    for row in compare(Access(before), Access(after)):
        place = (row.identity_id or "", row.entitlement.key if row.entitlement else "")
        if row.effect is Effect.LOST:
            assert place in had - has
        elif row.effect is Effect.GAINED:
            assert place in has - had
        elif row.effect is Effect.UNGOVERNED:
            assert place in had - has
        elif row.effect is Effect.NO_EFFECT:
            assert place not in had | has


@law
@given(organisations(), organisations())
def test_every_difference_of_the_two_sets_has_a_row(before: Organisation, after: Organisation) -> None:
    had, has = certain(Access(before)), certain(Access(after))
    rows = compare(Access(before), Access(after))
    losses = {Effect.LOST, Effect.MAYBE_LOST, Effect.UNGOVERNED, Effect.MAYBE_UNGOVERNED}
    gains = {Effect.GAINED, Effect.MAYBE_GAINED}
    found = {kinds: {(r.identity_id, r.entitlement.key) for r in rows if r.effect in kinds and r.entitlement}
             for kinds in (frozenset(losses), frozenset(gains))}  # fmt: skip
    assert had - has <= found[frozenset(losses)]
    assert has - had <= found[frozenset(gains)]


@law
@given(organisations(), organisations())
def test_nobody_who_keeps_it_by_any_path_has_a_row(before: Organisation, after: Organisation) -> None:
    kept = certain(Access(before)) & certain(Access(after))
    rows = {(row.identity_id, row.entitlement.key) for row in compare(Access(before), Access(after)) if row.entitlement}
    assert rows & kept == set()


@law
@given(organisations(), organisations())
def test_nobody_has_two_rows_for_one_thing_and_every_uncertain_row_says_why(
    before: Organisation, after: Organisation
) -> None:
    rows = compare(Access(before), Access(after))
    places = [(row.identity_id, row.entitlement.key) for row in rows if row.entitlement]
    assert len(places) == len(set(places))
    for row in rows:
        assert row.effect in {Effect.LOST, Effect.GAINED} or row.reasons
        assert row.path


@law
@given(organisations())
def test_a_path_leads_from_a_membership_to_what_it_gives(organisation: Organisation) -> None:
    for who, key, grant in Access(organisation).holders():
        assert who in organisation.members[grant.path[0]]
        assert key in organisation.profiles[grant.path[-1]].entitlements
        for here, following in zip(grant.path, grant.path[1:], strict=False):
            assert following in organisation.profiles[here].inherits
        assert len(set(grant.path)) == len(grant.path)
