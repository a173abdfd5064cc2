"""Truth: what is predicted is what happens, and what cannot be known is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pulumi_veza.access.comparison import compare
from pulumi_veza.access.effective import Access as EffectiveAccess
from pulumi_veza.access.organisation import Organisation
from pulumi_veza.client.client import Client
from pulumi_veza.errors import RefusedError, VezaError
from pulumi_veza.impact import building, looking
from pulumi_veza.impact.document import Document
from pulumi_veza.plan import preview_json
from pulumi_veza.plan.planning import plan
from pulumi_veza.plan.records import Record
from pulumi_veza.rules.reasons import Why
from tests.impact.small_engine import Engine, Refused
from tests.impact.truth import Access, Prediction, Requests, Seen, access_of, opened_since
from tests.support.generation.organisations import Change, Resources, change_of, changes, seed
from tests.support.generation.rules import FOREIGN_PROFILE, PEOPLE
from tests.support.runs import Runs
from tests.support.tenant import Tenant

ByHand = list[tuple[str, int]]
Ask = Callable[[Any], Organisation]

interference = st.lists(st.tuples(st.sampled_from(PEOPLE[:5]), st.integers(0, 3)), max_size=2)


class Happened:
    """A change that was made: what was predicted of it, and what it did."""

    def __init__(self, engine: Engine, tenant: Tenant, program: Resources, live: Ask | None) -> None:
        records = preview_json.preview(engine.preview(program))
        organisation = live(records) if live else None
        self.document = building.build(records, organisation)
        if organisation:
            assert_only_what_no_tenant_tells_is_potential(records, organisation)
        # Of what people have by profiles that no stack lists, only the tenant can tell.
        other = None if live else FOREIGN_PROFILE
        before, named, asked_before = access_of(tenant, other), _names(tenant), len(tenant.access_requests())
        self.finished = True
        try:
            engine.up(program)
        except RefusedError:
            # What is refused in the middle of a run has to have been said, with what is done all the same.
            if self.document.refused_at not in {"run", "end"}:
                raise
            self.finished = False
        self.after = access_of(tenant, other)
        # A document calls a profile by its new name.
        renamed = {name: new for id_, new in _names(tenant).items() if (name := named.get(id_, new)) != new}
        self.before: Access = {
            had: paths | {renamed.get(name, name) for name in paths} for had, paths in before.items()
        }
        self.opened = opened_since(tenant, asked_before)

    def assert_true(self, seen: Seen, document: Document | None = None) -> None:
        """Hold the prediction, or another document, against what happened."""
        prediction = Prediction(document or self.document)
        prediction.assert_true(self.before, self.after, seen)
        prediction.assert_requests(self.opened, seen)


TOLD_BY_NO_TENANT = frozenset(
    {
        Why.CONDITION,
        Why.UNKNOWN_VALUE,
        Why.UNKNOWN_ELEMENTS,
        Why.MAY_BE_UNKNOWN_ELEMENT,
        Why.STATE_UNKNOWN,
        Why.PROFILE_OF_RESOURCE_UNKNOWN,
        Why.FAILED_BEFORE,
        Why.MEMBERS_OF_NEW_VERSION,
        Why.ORDER_OF_CHANGES,
        Why.ADOPTION_UNDECIDED,
    }
)


def assert_only_what_no_tenant_tells_is_potential(records: Iterable[Record], organisation: Organisation) -> None:
    """Hold the reasons of what is potential, in a tenant that was looked at, against what no look at it can tell."""
    planned = plan(records, organisation)
    for row in compare(EffectiveAccess(planned.before), EffectiveAccess(planned.after)):
        if row.effect.value.startswith("potentially"):
            whys = {reason.why for reason in row.reasons}
            # A type that this run makes is in no answer yet.
            of_new_type = Why.DROP_UNKNOWN in whys and any(each.startswith("urn:") for each in planned.after.types)
            assert of_new_type or whys & TOLD_BY_NO_TENANT, row


def _names(tenant: Tenant) -> dict[str, str]:
    return {each["id"]: each["name"] for each in tenant.profiles()}


def asked(tenant: Tenant) -> Ask:
    """Return what asks the tenant."""

    def ask(records: Any) -> Organisation:
        with Client(tenant.url, tenant.token) as client:
            return looking.live_organisation(records, client)

    return ask


def changed(runs: Runs, programs: Change, by_hand: ByHand, *, live: bool) -> Iterator[Happened]:
    """Create a stack, let somebody interfere, and change it; of each change give what was predicted and happened.

    Raises:
        Refused: the provider's check refuses a program.
        VezaError: the provider refuses it later.

    """
    seed(runs.tenant)
    engine = Engine(runs)
    ask = asked(runs.tenant) if live else None
    first, second = programs
    created = Happened(engine, runs.tenant, first, ask)
    yield created
    if not created.finished:
        return
    profiles = sorted(profile_ids(engine, "AccessProfile"))
    for who, place in by_hand if profiles else ():
        runs.tenant.change_members(profiles[place % len(profiles)], add=[who])
    if by_hand:
        engine.refresh()
    later = Happened(engine, runs.tenant, second, ask)
    yield later
    if not later.finished:
        return
    again = building.build(preview_json.preview(engine.preview(second)))
    assert again.people == []
    assert again.requests == []


def profile_ids(engine: Engine, kind: str) -> set[str]:
    """List the profiles that the resources of a kind are, or belong to."""
    held = [each for each in engine.state.values() if each.declared.kind == kind]
    return {str(each.outputs.get("profile_id", each.id)) for each in held}


def hold_to_the_truth(runs: Runs, seen: Seen, programs: Change, by_hand: ByHand, *, live: bool) -> None:
    try:
        for happened in changed(runs, programs, by_hand, live=live):
            happened.assert_true(seen)
            seen.changes["anything"] += 1
            if not happened.finished:
                seen.changes[f"refused at the {happened.document.refused_at}"] += 1
    except (Refused, VezaError):
        seen.changes["a refusal"] += 1
        assume(False)


def assert_it_met_everything(seen: Mapping[bool, Seen], examples: int) -> None:
    """See that a search of so many organisations, each created and changed, was none of empty or vague changes.

    Args:
        seen: What was met, by whether the tenant was looked at.
        examples: How many organisations were made.

    """
    everything = Counter[str]()
    for live, each in seen.items():
        print("looked at the tenant:" if live else "offline:", each)
        everything += each.changes
    # Far less than what is usual, and more than luck.
    least = {
        "anything": 1.5,
        "gained": 0.25,
        "lost": 0.05,
        "requests": 0.4,
        "doubtful requests": 0.2,
        "potentially gained": 0.3,
        "potentially lost": 0.05,
        "kept, no longer governed": 0.02,
        "potentially kept, no longer governed": 0.02,
        "no effect yet": 0.05,
        "unknown": 0.1,
        "refused at the run": 0.02,
    }
    assert {name: count for name, share in least.items() if (count := everything[name]) < share * examples} == {}
    assert everything["a refusal"] < 0.5 * examples
    assert seen[True].certain > 0.85
    # Whatever is created may exist already, and whoever joins may be a member already.
    assert seen[False].certain > 0.05


def search_for_lies(runs: Runs, chosen: settings, examples: int) -> None:
    """Hold predictions of random changes against what happens, with a look at the tenant and without."""
    seen = {live: Seen() for live in (False, True)}

    @chosen
    @given(programs=changes, by_hand=interference, live=st.booleans())
    def search(programs: Change, by_hand: ByHand, live: bool) -> None:
        hold_to_the_truth(runs, seen[live], programs, by_hand, live=live)

    search()
    assert_it_met_everything(seen, examples)


def test_what_is_predicted_is_what_happens(runs: Runs) -> None:
    search_for_lies(runs, settings(max_examples=60, derandomize=True), 60)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_what_is_predicted_is_what_happens_in_many_organisations(runs: Runs) -> None:
    # Each is created and changed: twice as many changes.
    search_for_lies(runs, settings(max_examples=500), 500)


def lies(document: Document) -> Iterator[Document]:
    """Return the document without each of its rows and requests, and with one that is made up."""

    def having(**parts: Any) -> Document:
        return document.model_copy(update=parts)

    for place, person in enumerate(document.people):
        for row in person.rows:
            if row.effect in {"lost", "gained"}:
                rest = person.model_copy(update={"rows": [each for each in person.rows if each is not row]})
                yield having(people=[*document.people[:place], rest, *document.people[place + 1 :]])
                turned = row.model_copy(update={"effect": "gained" if row.effect == "lost" else "lost"})
                wrong = person.model_copy(update={"rows": [turned]})
                yield having(people=[*document.people, wrong])
    for request in document.requests:
        if request.reason is None:
            yield having(requests=[each for each in document.requests if each is not request])
            yield having(requests=[*document.requests, request])


def test_a_prediction_that_leaves_something_out_or_makes_something_up_is_noticed(runs: Runs) -> None:
    told = 0
    for number in range(12):
        try:
            for happened in changed(runs, change_of(number), [], live=True):
                if any(each.people == 0 for each in happened.document.unknowns):
                    continue
                for lie in lies(happened.document):
                    with pytest.raises(AssertionError):
                        happened.assert_true(Seen(), lie)
                    told += 1
        except (Refused, VezaError):
            continue
    assert told > 100


def test_the_comparison_by_itself() -> None:
    nothing = Prediction(building.build([]))
    had: Access = {("id-ada", "Group ds/g0"): frozenset({"Sellers"})}
    nothing.assert_true(had, had)
    for before, after in ((had, {}), ({}, had)):
        with pytest.raises(AssertionError, match="was not foretold"):
            nothing.assert_true(before, after)
    with pytest.raises(AssertionError, match="was not foretold"):
        nothing.assert_requests(Counter({("PROVISION", "id-ada", "Sellers"): 1}))
    nothing.assert_requests(Requests())
