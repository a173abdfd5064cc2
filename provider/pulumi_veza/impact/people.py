"""What becomes of people's access, as the rows of the document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from pulumi_veza.access.comparison import AccessChange
from pulumi_veza.fields.spelling import visible_part
from pulumi_veza.impact.document import Person, Row
from pulumi_veza.plan.planning import Plan
from pulumi_veza.rules.wording import sentences


def people_of(
    rows: Iterable[AccessChange], cause_of: Mapping[AccessChange, str | None], names: Mapping[str, str]
) -> list[Person]:
    """Return the people whose access changes, or may, in the order of their ids.

    Args:
        rows: The changes of access.
        cause_of: By change, the URN of the resource that causes it.
        names: The names of people by identity.

    """
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.identity_id is not None:
            found[row.identity_id].append(row_of(row, cause_of[row]))
    return [Person(id=who, name=names.get(who), rows=of_person) for who, of_person in sorted(found.items())]


def row_of(change: AccessChange, cause: str | None) -> Row:
    """Return a change of access as a row of the document."""
    return Row(
        effect=change.effect,
        entitlement=change.entitlement.key if change.entitlement else None,
        path=[str(ref) for ref in change.path],
        reason=sentences(change.reasons) or None,
        cause=cause,
    )


def names_of(plan: Plan) -> dict[str, str]:
    """Return by identity the names that a plan knows."""
    everybody = (
        each
        for organisation in (plan.before, plan.after)
        for members in organisation.members.values()
        for each in members.values()
    )
    return {each.id: each.name for each in everybody if each.name and visible_part(each.name)}
