"""Questions about the order of lists: the same request, sent several times."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from pulumi_veza.doctor.learning.answers import certain, likely, unknown
from pulumi_veza.doctor.learning.behaviour import Learned, Sure
from pulumi_veza.doctor.learning.seen import ENTITLEMENTS, OPAQUE, Seen, values_of
from pulumi_veza.reports.words import counted

SETS: Final = frozenset(
    {
        "labels",
        "datasource_ids",
        "integrations",
        "provider_ids",
        "provider_external_ids",
        "members",
        "member_details",
        ENTITLEMENTS,
        "inherit_entities_from_access_profiles",
        "access_profiles_inherited",
        "access_profiles_inherited_by",
        "allow_inherited_from_types",
        "supported_entity_types",
        "grantable_entitlements",
    }
)
"""The fields whose list has no order of its own."""

_CERTAIN: Final = 6.0
"""The decimal logarithm of how improbable an accident must be, for an answer to be certain."""
_LIKELY: Final = 1.3
_IN_A_ROW: Final = 3
"""How often a member list must have been asked for, to see that it alternates."""

Order = tuple[str, ...]


def random_order(seen: Seen) -> Learned:
    """Compare the orders of the lists, and of the sets in their objects, in repeated responses."""
    asked = [list(map(_orders, answers)) for answers in seen.repeated]
    asked += [[{"": _order(values_of(each))} for each in answers] for answers in seen.member_lists]
    differing, improbable, compared = 0, 0.0, 0
    for index, answers in enumerate(asked):
        for orders in _same_place(answers):
            # What only members do has a switch of its own.
            differing += len(set(orders)) > 1 and index < len(seen.repeated)
            compared += 1
            improbable += (len(orders) - 1) * _improbability(orders[0])
    if differing:
        return certain(True, f"{counted(differing, 'list')} came in another order when asked again")
    said = f"{counted(compared, 'list')} came in the same order when asked again"
    if improbable >= _CERTAIN:
        return certain(False, said)
    if improbable >= _LIKELY:
        return likely(False, said)
    return unknown("no list is long enough to tell an order", "several types, profiles or labels")


def alternating_member_list(seen: Seen) -> Learned:
    """Look whether every second member list of a profile comes in the opposite order."""
    shuffled = random_order(seen)
    if shuffled.value is True:
        return unknown("all lists come in a random order", "a tenant whose lists have an order")
    for answers in seen.member_lists:
        orders = [_order(values_of(each)) for each in answers]
        first = orders[0] if orders else ()
        if len(orders) < _IN_A_ROW or first == first[::-1] or len({tuple(sorted(each)) for each in orders}) > 1:
            continue
        said = f"{counted(len(first), 'member')}, listed {len(orders)} times in a row"
        ordered = shuffled.sure is Sure.CERTAIN
        if len(set(orders)) == 1:
            return (certain if ordered else likely)(False, f"{said}, always in the same order")
        if all(one == other[::-1] for one, other in pairwise(orders)):
            improbable = (len(orders) - 1) * _improbability(first)
            sure = certain if ordered or improbable >= _CERTAIN else likely
            return sure(True, f"{said}, every second time in the opposite order")
        return unknown(f"{said}, in orders that are neither the same nor opposite", "another look")
    return unknown(seen.refusal("members") or "no profile was seen with several members", "a profile with two members")


def _orders(answer: Any) -> dict[str, Order]:
    """Return the order of a response's objects, and of the sets in each of them, by place."""
    values = values_of(answer)
    return {"": _order(values), **{place: order for each in values for place, order in _sets(each, _key(each))}}


def _sets(value: Any, place: str) -> Iterator[tuple[str, Order]]:
    if not isinstance(value, Mapping):
        return
    for name, each in value.items():
        if name in SETS and isinstance(each, list):
            yield f"{place}/{name}", _order(each)
        elif name != OPAQUE:
            yield from _sets(each, f"{place}/{name}")


def _same_place(answers: Sequence[dict[str, Order]]) -> Iterator[list[Order]]:
    """Yield the orders of each list that has several elements and the same ones in every response."""
    for place, first in (answers[0] if answers else {}).items():
        orders = [each[place] for each in answers if place in each]
        if len(orders) == len(answers) > 1 and len(set(first)) > 1 and len({tuple(sorted(o)) for o in orders}) == 1:
            yield orders


def _order(values: Sequence[Any]) -> Order:
    return tuple(map(_key, values))


def _key(value: Any) -> str:
    """Return what tells an element from the others: its id, or all of it, in whatever order its own lists are."""
    if isinstance(value, Mapping) and isinstance(value.get("id"), str):
        return str(value["id"])
    return json.dumps(_sorted(value), sort_keys=True)


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _sorted(each) for name, each in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True))
    return value


def _improbability(order: Order) -> float:
    """Return the decimal logarithm of the number of orders that a list can have."""
    ways = math.lgamma(len(order) + 1) - sum(math.lgamma(count + 1) for count in Counter(order).values())
    return ways / math.log(10)
