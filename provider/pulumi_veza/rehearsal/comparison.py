"""What a rehearsal did to people, held against what was predicted.

What was predicted for certain must have happened. What happened must have been predicted: for certain, as something
that may happen, or as something that cannot be known in the very profile that it happened by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from pulumi_veza.access.comparison import Effect
from pulumi_veza.access.effective import Access, Grant
from pulumi_veza.access.organisation import Organisation
from pulumi_veza.impact.document import Document
from pulumi_veza.impact.rehearsal_outcome import Rehearsal, RehearsedAccess, RehearsedRequest
from pulumi_veza.rehearsal.server import OpenedOnTwin
from pulumi_veza.reports.words import counted

Held: TypeAlias = "dict[tuple[str, str], Grant]"
"""By identity and entitlement, the shortest grant that has an effect, one without a condition before one with it."""

_ENDS: Final = frozenset({Effect.LOST, Effect.UNGOVERNED})
_MAY_END: Final = frozenset({*_ENDS, Effect.MAYBE_LOST, Effect.MAYBE_UNGOVERNED})
_MAY_BEGIN: Final = frozenset({Effect.GAINED, Effect.MAYBE_GAINED})


@dataclass(frozen=True)
class EngineRun:
    """What the engine did in a rehearsal."""

    done: bool
    refusals: Sequence[str]
    changes: Mapping[str, int]


def rehearsal(
    predicted: Document,
    before: Organisation,
    after: Organisation,
    opened: Iterable[OpenedOnTwin],
    run: EngineRun,
    notes: Iterable[str] = (),
) -> Rehearsal:
    """Return what a rehearsal did, with the differences from what was predicted where it went through.

    Args:
        predicted: The document that was made of the preview.
        before: The twin's organisation before `pulumi up`, with all members.
        after: The twin's organisation afterwards.
        opened: The access requests that the twin opened.
        run: What the engine did.
        notes: What the twin could not know.

    """
    had, has = _held(before), _held(after)
    names = _names(before, after)
    lost = [_row(key, had[key], names, before) for key in sorted(had.keys() - has.keys())]
    gained = [_row(key, has[key], names, after) for key in sorted(has.keys() - had.keys())]
    requests = sorted(
        (
            RehearsedRequest(
                operation=each.operation,
                identity_id=each.identity_id,
                name=names.get(each.identity_id),
                profile=each.profile,
            )
            for each in opened
        ),
        key=lambda each: (each.profile, each.identity_id, each.operation),
    )
    found = Rehearsal(
        done=run.done,
        refusals=list(run.refusals),
        changes=dict(sorted(run.changes.items())),
        people_before=len({who for who, _ in had}),
        people_after=len({who for who, _ in has}),
        grants_before=len(had),
        grants_after=len(has),
        lost=lost,
        gained=gained,
        requests=requests,
        notes=list(notes),
    )
    return found.model_copy(update={"differences": list(differences(predicted, found))}) if run.done else found


def differences(predicted: Document, found: Rehearsal) -> Iterator[str]:
    """Yield a line for whatever was predicted and did not happen, or happened and was not predicted."""
    prediction = _Prediction(predicted)
    yield from prediction.of_access(found.lost, "loses", _ENDS, _MAY_END)
    yield from prediction.of_access(found.gained, "gains", frozenset({Effect.GAINED}), _MAY_BEGIN)
    yield from prediction.of_requests(found.requests)


class _Prediction:
    """A document, to be held against what happened."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._names = {each.ref: each.name for each in document.profiles}
        unknown = [each for each in document.unknowns if each.people == 0]
        self._doubted = {each.what for each in unknown}
        self._doubted |= {self._names.get(ref, ref) for each in unknown for ref in each.profiles}

    def of_access(
        self, happened: Sequence[RehearsedAccess], how: str, certain: frozenset[Effect], possible: frozenset[Effect]
    ) -> Iterator[str]:
        """Yield the differences of one direction: what is lost, or what is gained."""
        keys = {(each.identity_id, each.entitlement) for each in happened}
        for who, entitlement in sorted(self._of(certain) - keys):
            yield f"it was predicted that {who} {how} {entitlement}, and it did not happen"
        foretold = self._of(possible)
        for each in happened:
            if (each.identity_id, each.entitlement) not in foretold and not self._admits(each.identity_id, each.path):
                yield f"{each.identity_id} {how} {each.entitlement} by {' > '.join(each.path)}, which was not predicted"

    def of_requests(self, opened: Sequence[RehearsedRequest]) -> Iterator[str]:
        """Yield the differences of the access requests."""
        certain: Counter[tuple[str, str, str]] = Counter()
        doubtful = set()
        for each in self._document.requests:
            key = (each.operation, each.identity_id, self._names.get(each.profile, each.profile))
            if each.reason:
                doubtful.add(key)
            else:
                certain[key] += 1
        happened: Counter[tuple[str, str, str]] = Counter(
            (each.operation, each.identity_id, each.profile) for each in opened
        )
        for missing, count in sorted((certain - happened).items()):
            yield f"{_requested(missing, count)} predicted, and not opened"
        for extra, count in sorted((happened - certain).items()):
            if extra not in doubtful and not self._admits(extra[1], [extra[2]]):
                yield f"{_requested(extra, count)} opened, and not predicted"

    def _of(self, effects: frozenset[Effect]) -> set[tuple[str, str]]:
        return {
            (person.id, row.entitlement)
            for person in self._document.people
            for row in person.rows
            if row.effect in effects and row.entitlement
        }

    def _admits(self, who: str, profiles: Iterable[str]) -> bool:
        """Return whether the document says that what this person has by one of these profiles could not be known."""
        doubted = set(self._doubted)
        for person in self._document.people:
            if person.id == who:
                unknown = [row for row in person.rows if row.effect is Effect.UNKNOWN]
                doubted |= {self._names.get(ref, ref) for row in unknown for ref in row.path}
        return not doubted.isdisjoint(profiles)


def _requested(key: tuple[str, str, str], count: int) -> str:
    operation, who, profile = key
    return f"{counted(count, 'access request')} to {operation.lower()} {who} in {profile}"


def _held(organisation: Organisation) -> Held:
    access = Access(organisation)
    found: Held = {}
    for who, refs in access.memberships().items():
        for key, grants in access.grants(refs, who).items():
            active = [grant for grant in grants if grant.inactive_reason is None]
            if active:
                found[who, key] = min(active, key=lambda grant: (not grant.certain, len(grant.path), grant.path))
    return found


def _row(key: tuple[str, str], grant: Grant, names: Mapping[str, str], organisation: Organisation) -> RehearsedAccess:
    who, entitlement = key
    path = [organisation.name(ref) for ref in grant.path]
    return RehearsedAccess(
        identity_id=who, name=names.get(who), entitlement=entitlement, path=path, conditional=not grant.certain
    )


def _names(*organisations: Organisation) -> dict[str, str]:
    return {
        member.id: member.name
        for organisation in organisations
        for members in organisation.members.values()
        for member in members.values()
        if member.name
    }
