"""Each class of row, and what makes it that and no other."""

from __future__ import annotations

import pytest

from pulumi_veza.access.comparison import compare
from pulumi_veza.access.effective import Access
from pulumi_veza.access.organisation import Organisation
from pulumi_veza.plan.planning import plan
from pulumi_veza.plan.records import UNKNOWN, Record
from pulumi_veza.rules.wording import sentences
from tests.impact.stacks import (
    changes,
    group,
    groups,
    members,
    of_type,
    profile,
    requests,
    rows,
    texts,
    urn,
)


def test_nothing_that_changes_is_no_row() -> None:
    stack = [of_type(), profile("p", {"entitlements": groups("a")}), members("p", ["ada"], ["ada"])]
    assert rows(*stack) == []
    assert requests(*stack) == []


def test_who_becomes_a_member_gains_what_the_profile_gives() -> None:
    stack = [of_type(), profile("p", {"entitlements": groups("a", "b")}), members("p", ["ada"], ["ada", "ben"])]
    assert rows(*stack) == ["ben gained a by p", "ben gained b by p"]
    assert requests(*stack) == ["PROVISION ben in id-p"]


def test_who_is_removed_loses_it_through_inheritance_as_well() -> None:
    stack = [
        of_type(),
        profile("base", {"entitlements": groups("a")}),
        profile("heir", {"inherits_from": texts("id-base"), "entitlements": groups("b")}),
        members("base", [], []),
        members("heir", ["ada", "ben"], ["ada"]),
    ]
    assert rows(*stack) == ["ben lost a by heir > base", "ben lost b by heir"]
    assert requests(*stack) == ["DEPROVISION ben in id-heir"]


def test_who_keeps_it_by_another_path_has_no_change() -> None:
    stack = [
        of_type(),
        profile("p", {"entitlements": groups("a")}),
        profile("q", {"inherits_from": texts("id-p")}),
        members("p", ["ada"], []),
        members("q", ["ada"], ["ada"]),
    ]
    assert rows(*stack) == []
    assert requests(*stack) == ["DEPROVISION ada in id-p"]


def test_what_is_taken_out_is_lost_where_the_type_withdraws_it() -> None:
    stack = [of_type(), profile("p", {"entitlements": groups("a", "b")}, {"entitlements": groups("a")})]
    assert rows(*stack, members("p", ["ada"], ["ada"])) == ["ada lost b by p"]


def test_what_is_taken_out_is_kept_ungoverned_where_the_type_leaves_it() -> None:
    stack = [of_type(withdraws=False), profile("p", {"entitlements": groups("a")}, {"entitlements": {}})]
    found = changes(*stack, members("p", ["ada"], ["ada"]))
    assert [(row.effect.value, sentences(row.reasons)) for row in found] == [
        ("kept, no longer governed", "the type of p lets members keep what is taken out of it")
    ]


def test_what_is_taken_out_of_an_inherited_profile_follows_the_type_of_that_profile() -> None:
    leaves = of_type(withdraws=False)
    strict = {"profile_type": "id-elsewhere"}
    stack = [
        leaves,
        profile("base", {"entitlements": groups("a")}, {"entitlements": {}}),
        profile("heir", {"inherits_from": texts("id-base"), **strict}),
        members("base", [], []),
        members("heir", ["ada"], ["ada"]),
    ]
    assert rows(*stack) == ["ada kept, no longer governed a by heir > base"]


def test_a_type_that_says_nothing_makes_it_a_potential_loss() -> None:
    stack = [of_type(withdraws=None), profile("p", {"entitlements": groups("a")}, {"entitlements": {}})]
    assert rows(*stack, members("p", ["ada"], ["ada"])) == ["ada potentially lost a by p"]


def test_somebody_removed_from_one_profile_and_left_with_it_by_another_keeps_it_ungoverned() -> None:
    stack = [
        of_type(withdraws=False),
        profile("p", {"entitlements": groups("a")}),
        profile("q", {"entitlements": groups("a")}, {"entitlements": {}}),
        members("p", ["ada"], []),
        members("q", ["ada"], ["ada"]),
    ]
    assert rows(*stack) == ["ada kept, no longer governed a by q"]


@pytest.mark.parametrize("state", ["PAUSED", "INITIAL", "DRY_RUN", "PENDING"])
def test_a_profile_that_does_not_run_gives_nothing_yet(state: str) -> None:
    stack = [of_type(), profile("p", {"entitlements": groups("a"), "state": state}), members("p", [], ["ada"])]
    assert rows(*stack) == ["ada no effect yet a by p"]
    assert requests(*stack) == []


def test_pausing_takes_it_from_all_members_and_starting_gives_it() -> None:
    running, paused = {"entitlements": groups("a")}, {"entitlements": groups("a"), "state": "PAUSED"}
    who = members("p", ["ada", "ben"], ["ada", "ben"])
    assert rows(of_type(), profile("p", running, paused), who) == ["ada lost a by p", "ben lost a by p"]
    assert rows(of_type(), profile("p", paused, running), who) == ["ada gained a by p", "ben gained a by p"]
    assert requests(of_type(), profile("p", running, paused), who) == []


def test_a_paused_profile_still_gives_to_the_members_of_its_heirs() -> None:
    stack = [
        of_type(),
        profile("base", {"entitlements": groups("a")}, {"entitlements": groups("a"), "state": "PAUSED"}),
        profile("heir", {"inherits_from": texts("id-base")}),
        members("base", [], []),
        members("heir", ["ada"], ["ada"]),
    ]
    assert rows(*stack) == []


def test_who_is_a_member_of_a_profile_that_no_set_lists_is_unknown_where_its_access_changes_and_never_nobody() -> None:
    paused = {"entitlements": groups("a"), "state": "PAUSED"}
    base = profile("base", {"entitlements": groups("a")}, paused)
    assert rows(of_type(), base) == ["? unknown ? by base"]
    assert sentences(changes(of_type(), base)[0].reasons) == "who is a member of base has not been read"
    dropped = profile("base", {"entitlements": groups("a")}, {"entitlements": {}})
    heir = profile("heir", {"inherits_from": texts("id-base")})
    assert rows(of_type(), dropped, heir) == ["? unknown ? by base", "? unknown ? by heir"]
    assert rows(of_type(), profile("base", paused, {**paused, "entitlements": groups("b")})) == ["? unknown ? by base"]
    assert rows(of_type(), profile("base", {"entitlements": groups("a")})) == []


def test_who_may_be_a_member_of_a_profile_that_no_set_lists_gains_and_loses_nothing_for_certain() -> None:
    shared = profile("base", {"entitlements": groups("a")})
    stack = [of_type(), shared, profile("p", {"entitlements": groups("a")})]
    assert rows(*stack, members("p", ["ada"], [])) == ["ada potentially lost a by p"]
    assert rows(*stack, members("p", [], ["ada"])) == ["ada potentially gained a by p"]
    # A set that is new has read nobody.
    assert rows(of_type(), shared, members("base", None, ["ada"])) == ["ada potentially gained a by base"]
    assert requests(of_type(), shared, members("base", None, ["ada"])) == ["PROVISION ada in id-base?"]


def test_what_is_new_may_exist_already_where_nobody_has_looked() -> None:
    def joining(**more: str) -> list[Record]:
        wish = {"profile_id": UNKNOWN, "version": "current", "mode": "additive", "identity_ids": texts("ada")}
        depends = {"profile_id": [urn("AccessProfile", "p")]}
        of_p = members("p", None, ["ada"], new_inputs=wish, property_dependencies=depends)
        return [of_type(), profile("p", None, {"entitlements": groups("a"), **more}), of_p]

    assert rows(*joining()) == ["ada potentially gained a by p", "? unknown ? by p"]
    assert requests(*joining()) == [f"PROVISION ada in {urn('AccessProfile', 'p')}?"]
    assert rows(*joining(adopt="never")) == ["ada gained a by p"]
    live = Organisation()
    planned = plan(joining(), live)
    assert [row.effect.value for row in compare(Access(planned.before), Access(planned.after))] == ["gained"]


def test_who_keeps_it_ungoverned_unless_another_profile_gives_it_loses_it_in_no_case() -> None:
    unknown = profile("q", {"entitlements": UNKNOWN}, outputs={"adopted": True})
    stack = [of_type(withdraws=False), unknown, members("q", ["ada"], ["ada"])]
    taken_out = profile("p", {"entitlements": groups("a")}, {"entitlements": {}})
    assert rows(*stack, taken_out, members("p", ["ada"], ["ada"])) == [
        "ada potentially kept, no longer governed a by p"
    ]
    assert rows(*stack, profile("p", {"entitlements": groups("a")}), members("p", ["ada"], [])) == [
        "ada potentially lost a by p"
    ]


def test_what_has_a_condition_is_gained_and_lost_potentially() -> None:
    conditional = {"Group ds/a": group("a", condition={"condition_string": "x"})}
    stack = [of_type(), profile("p", {"entitlements": conditional})]
    assert rows(*stack, members("p", [], ["ada"])) == ["ada potentially gained a by p"]
    assert rows(*stack, members("p", ["ada", "ben"], ["ada"])) == ["ben potentially lost a by p"]


def test_a_condition_that_goes_or_comes_is_a_potential_change() -> None:
    conditional = {"entitlements": {"Group ds/a": group("a", condition={"condition_string": "x"})}}
    plain = {"entitlements": groups("a")}
    who = members("p", ["ada"], ["ada"])
    assert rows(of_type(), profile("p", conditional, plain), who) == ["ada potentially gained a by p"]
    assert rows(of_type(), profile("p", plain, conditional), who) == ["ada potentially lost a by p"]


def test_content_that_is_not_known_yet_is_said_and_makes_losses_potential() -> None:
    unknown = {"entitlements": UNKNOWN}
    stack = [of_type(), profile("p", {"entitlements": groups("a")}, unknown), members("p", ["ada"], ["ada"])]
    assert rows(*stack) == ["ada potentially lost a by p", "? unknown ? by p"]
    assert sentences(changes(*stack)[1].reasons) == "which entitlements p holds is not known before `pulumi up`"


def test_an_element_that_is_not_known_leaves_the_known_ones_certain() -> None:
    partly = {"entitlements": {**groups("a", "b"), "(unknown 1)": UNKNOWN}}
    stack = [of_type(), profile("p", {"entitlements": groups("a")}, partly), members("p", ["ada"], ["ada"])]
    assert rows(*stack) == ["ada gained b by p", "? unknown ? by p"]


def test_members_who_are_not_known_yet_may_be_those_who_leave() -> None:
    will = {"profile_id": "id-p", "version": "current", "mode": "additive", "identity_ids": {"(unknown 1)": UNKNOWN}}
    who = members("p", ["ada"], [], new_inputs=will, op="update")
    stack = [of_type(), profile("p", {"entitlements": groups("a")}), who]
    assert rows(*stack) == ["ada potentially lost a by p", "? unknown ? by p"]
    assert requests(*stack) == ["DEPROVISION ada in id-p?"]


def test_a_member_of_a_profile_outside_of_the_stack_is_unknown() -> None:
    stack = [of_type(), members("elsewhere", ["ada"], ["ada", "ben"])]
    assert rows(*stack) == ["ben unknown ? by id-elsewhere"]
    assert requests(*stack) == ["PROVISION ben in id-elsewhere?"]


def test_an_id_that_is_not_known_yet_is_found_by_what_it_depends_on() -> None:
    new = profile("p", None, {"entitlements": groups("a"), "adopt": "never"})
    will = {"profile_id": UNKNOWN, "version": "current", "mode": "additive", "identity_ids": texts("ada")}
    dependencies = {"profile_id": [urn("AccessProfile", "p")]}
    who = members("p", None, ["ada"], new_inputs=will, property_dependencies=dependencies)
    assert rows(of_type(), new, who) == ["ada gained a by p"]
    assert requests(of_type(), new, who) == [f"PROVISION ada in {urn('AccessProfile', 'p')}"]
    alone = members("p", None, ["ada"], new_inputs=will)
    assert rows(of_type(), new, alone) == [f"? unknown ? by {urn('MembershipSet', 'of-p')}"]


def test_an_inherited_profile_that_is_new_is_found_as_well() -> None:
    new = profile("base", None, {"entitlements": groups("a"), "adopt": "never"})
    inherits = {"inherits_from": {"(unknown 1)": UNKNOWN, "id-old": "id-old"}}
    dependencies = {"inherits_from": [urn("AccessProfile", "old"), urn("AccessProfile", "base")]}
    heir = profile("heir", {"inherits_from": texts("id-old")}, inherits, property_dependencies=dependencies)
    stack = [of_type(), profile("old", {"entitlements": {}}), new, heir, members("heir", ["ada"], ["ada"])]
    assert rows(*stack) == ["ada gained a by heir > base"]


def test_profiles_that_inherit_from_each_other_come_to_an_end() -> None:
    stack = [
        of_type(),
        profile("p", {"inherits_from": texts("id-q"), "entitlements": groups("a")}),
        profile("q", {"inherits_from": texts("id-p"), "entitlements": groups("b")}),
        members("p", [], ["ada"]),
        members("q", [], []),
    ]
    assert rows(*stack) == ["ada gained a by p", "ada gained b by p > q"]
