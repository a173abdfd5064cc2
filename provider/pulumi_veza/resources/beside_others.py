"""What a membership set says of the other members of its version: those of other sets, and those added by hand."""

from __future__ import annotations

from typing import Final

from pulumi_veza.fields.field_types import contains_unknown
from pulumi_veza.provider.kind import Operation
from pulumi_veza.resources import member_preview
from pulumi_veza.resources.member_preview import place
from pulumi_veza.resources.version_selector import in_words
from pulumi_veza.rules.identity import excludes_others, manages_members


def announce(op: Operation) -> None:
    """Warn of an authoritative set beside others, and say once in a run what new authoritative sets take away."""
    if contains_unknown(place(op.args)) or not manages_members(op.args):
        return
    exclusive = excludes_others(op.args)
    _warn_of_others(op, exclusive=exclusive)
    claims = op.session.claims
    made = claims.holder(("made", op.args["profile_id"])) or member_preview.is_taken_over(op)
    if op.is_new and exclusive and not made and claims.claim("takes away", op.owner) is None:
        op.session.notify("info", _TAKES_AWAY)


_TAKES_AWAY: Final = (
    "a new authoritative set also removes whom somebody added by hand and it does not list, up to what its guard "
    "allows: `pulumi-veza impact` names these people before"
)


def _warn_of_others(op: Operation, *, exclusive: bool) -> None:
    claims, where = op.session.claims, place(op.args)
    # The authoritative set warns, of those that it knows of; another one only where it was not known then.
    others = claims.other_sets(*where, op.owner) if exclusive else []
    holder = claims.holder(("authoritative", *where))
    if holder and not exclusive and claims.holder(("warned of", *where, op.owner)) is None:
        others = [holder]
    if others:
        for other in others:
            claims.claim(("warned of", *where, other), op.owner)
        op.warn(
            f"shares the members of {in_words(op.args['version'], op.args['profile_id'])} with "
            f"{', '.join(map(claims.in_words, others))}, and one of them is authoritative: nobody whom the other "
            "lists is removed, but every refresh shows these people as added by hand; list everybody in one of them"
        )
