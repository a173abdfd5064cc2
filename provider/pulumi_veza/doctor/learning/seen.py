"""What was seen of a tenant: the JSON of its responses before any model, and walks through it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_veza.errors import ApiError

Json = Mapping[str, Any]

ENTITLEMENTS: Final = "entities_to_create_relationships_to"
_DIGITS: Final = 9
OPAQUE: Final = "custom_properties"
"""What the tenant's users write into it has no meaning here."""


PAGE: Final = 100
"""How many objects of a list are asked for: the most that the documents allow."""


@dataclass(frozen=True)
class VersionAsked:
    """A list with the parameter ``version``, as it showed one profile."""

    current: int
    asked: int
    draft: bool
    """Whether the version is a draft, which exists for sure."""
    shown: int | None


@dataclass(frozen=True)
class SizeAsked:
    """A page of a list of which the number of objects was asked for."""

    asked: int
    got: int
    more: bool


@dataclass
class Seen:
    """Everything that was read."""

    pages: list[Any] = field(default_factory=list)
    """Every page of a listing in an envelope."""
    types: list[Json] = field(default_factory=list)
    profiles: list[Json] = field(default_factory=list)
    detailed: list[Json] = field(default_factory=list)
    """The pages of profiles with ``entity_extra_info``."""
    datasources: list[Json] = field(default_factory=list)
    identities: list[Json] = field(default_factory=list)
    member_lists: list[list[Any]] = field(default_factory=list)
    """For each profile whose members were listed, the responses one after another."""
    repeated: list[list[Any]] = field(default_factory=list)
    """For each request that was repeated, its responses."""
    errors: list[ApiError] = field(default_factory=list)
    versions: list[VersionAsked] = field(default_factory=list)
    sizes: list[SizeAsked] = field(default_factory=list)
    filtered: tuple[int, int] | None = None
    """How many objects a list had that asked for one type of profile, and how many of them were of another."""
    types_of_profiles: int = 0
    headers: list[frozenset[str]] = field(default_factory=list)
    """Of each response, the names of its headers, in small letters."""
    refused: dict[str, str] = field(default_factory=dict)
    """By what was asked for, why there is nothing of it."""

    @property
    def members(self) -> list[Json]:
        """The members of all lists, each list once."""
        return [each for answers in self.member_lists if answers for each in objects(values_of(answers[0]))]

    @property
    def objects(self) -> list[Json]:
        """Every object of a list, with what is in it."""
        return [
            *self.types,
            *self.profiles,
            *self.datasources,
            *self.identities,
            *self.members,
            *(each for page in self.detailed for each in objects(page.get("values"))),
        ]

    @property
    def last_pages(self) -> list[Json]:
        """The pages that are the last ones of their listing."""
        return [page for page in self.pages if isinstance(page, Mapping) and not page.get("has_more")]

    def refusal(self, *subjects: str) -> str | None:
        """Return why nothing was read of one of these subjects."""
        return next((self.refused[each] for each in subjects if each in self.refused), None)


def values_of(answer: Any) -> list[Any]:
    """Return the objects of a listing, in its envelope or as a bare array."""
    found = answer.get("values") if isinstance(answer, Mapping) else answer
    return found if isinstance(found, list) else []


def objects(values: Any) -> list[Json]:
    """Return the objects of a JSON array."""
    return [each for each in values if isinstance(each, Mapping)] if isinstance(values, list) else []


def walk(value: Any, name: str = "") -> Iterator[tuple[str, Json]]:
    """Yield every object within a JSON value, with the name of the field that holds it; nothing that users made up."""
    if isinstance(value, Mapping):
        yield name, value
        for key, each in value.items():
            if key != OPAQUE:
                yield from walk(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from walk(each, name)


def fields(values: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Yield every field, with its value, of every object within JSON values."""
    for value in values:
        for _, each in walk(value):
            yield from each.items()


def versions(profiles: Iterable[Json]) -> list[Json]:
    """Return the versions that profiles show."""
    return [each for profile in profiles if isinstance(each := profile.get("current_version"), Mapping)]


def entitlements(page: Json) -> list[Json]:
    """Return the entitlements that a page of profiles shows."""
    return [each for name, each in walk(page) if name == ENTITLEMENTS]


def number(value: Any) -> int:
    """Return a whole number, or the one that a text holds; 0 where it is neither."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= _DIGITS:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
