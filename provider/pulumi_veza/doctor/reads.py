"""Checks of the permission to read each endpoint, and of the form of the responses: one page each, by GET."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from pulumi_veza.client.client import Client
from pulumi_veza.doctor.examination import Diagnosis, Status, ok, problem, skipped, warning
from pulumi_veza.doctor.learning.reading import EnoughError
from pulumi_veza.doctor.learning.seen import number, objects, values_of
from pulumi_veza.doctor.surroundings import Surroundings
from pulumi_veza.errors import (
    ApiError,
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RequestError,
    SettingsError,
    UnexpectedResponseError,
)
from pulumi_veza.reports.words import counted

READABLE: Final = "readable"

Listing = Callable[[Client], Iterable[Any]]

_KEYS: Final = (
    "create or renew a personal API key (Administration > API Keys) and give it as {origin}; a team key cannot read "
    "this, and a personal key dies with its owner's membership of the team"
)
_RIGHTS: Final = (
    "the owner of the key needs the right to manage Lifecycle Management: an Admin has it; with Access Controls it is "
    "given resource by resource"
)


def types(surroundings: Surroundings) -> Diagnosis:
    """Read a page of the types."""
    return _read(surroundings, "types", "type", Client.list_access_profile_types)


def profiles(surroundings: Surroundings) -> Diagnosis:
    """Read a page of the profiles."""
    return _read(surroundings, "profiles", "profile", Client.list_access_profiles)


def integrations(surroundings: Surroundings) -> Diagnosis:
    """Read the available integrations."""
    return _read(surroundings, "integrations", "", Client.list_available_integrations)


def datasources(surroundings: Surroundings) -> Diagnosis:
    """Read a page of the datasources."""
    return _read(surroundings, "datasources", "datasource", Client.list_lifecycle_manager_datasources)


def members(surroundings: Surroundings) -> Diagnosis:
    """Read the members of one profile."""
    known = [each for each in objects(values_of(surroundings.reads.get("profiles"))) if each.get("id")]
    if not known:
        return skipped("no profile is known whose members could be listed")
    # One that shows members, where there is one, so that an identity can be read as well.
    profile = max(known, key=_shown)
    version = max(number(profile.get("current_version_number")), 1)
    return _read(
        surroundings,
        "members",
        "member",
        lambda client: client.list_access_profile_members(str(profile["id"]), version),
    )


def identities(surroundings: Surroundings) -> Diagnosis:
    """Read the identity of one member."""
    known = [each for each in objects(values_of(surroundings.reads.get("members"))) if each.get("identity_id")]
    if not known:
        return skipped("no member is known whose identity could be read")
    who = str(known[0]["identity_id"])
    found = _read(surroundings, "identities", "", lambda client: [client.get_identity(who)])
    if found.status is Status.PROBLEM:
        return warning(found.finding, f"names of people are missing without it; {found.remedy}")
    return found


def forms(surroundings: Surroundings) -> Diagnosis:
    """Look whether this version can read the responses of the checks before."""
    if not surroundings.reads:
        return skipped("nothing was read")
    unreadable = sorted(name for name in surroundings.reads if name in surroundings.unreadable)
    if unreadable:
        return problem(
            "this version cannot read the responses of: "
            + ", ".join(f"{name} ({surroundings.unreadable[name]})" for name in unreadable),
            "look for a newer pulumi-veza; else report it with `pulumi-veza doctor --bundle FILE`",
        )
    return ok(f"the responses of {counted(len(surroundings.reads), 'endpoint')} are as this version reads them")


def _read(surroundings: Surroundings, subject: str, noun: str, listing: Listing) -> Diagnosis:
    """Read one page, once; remember it, how it ended, and whether it could be parsed."""
    if subject not in surroundings.outcomes:
        surroundings.outcomes[subject] = _outcome(surroundings, subject, noun, listing)
    return surroundings.outcomes[subject]


def _outcome(surroundings: Surroundings, subject: str, noun: str, listing: Listing) -> Diagnosis:
    try:
        recorder = surroundings.recorder
    except SettingsError:
        return skipped("no usable address and key")
    if surroundings.key_refused:
        return skipped("not tried: the key is not accepted")
    with recorder.keep(1) as answers:
        try:
            for _ in listing(surroundings.client):
                pass
        except EnoughError:
            pass
        except ApiError as error:
            surroundings.key_refused = subject == "types" and isinstance(error, AuthenticationError)
            return _refused(error, surroundings)
        except UnexpectedResponseError as error:
            if not answers:
                return problem(str(error), "see the checks `redirect` and `api`")
            surroundings.unreadable[subject] = str(error)
        except RequestError as error:
            surroundings.unreachable = "the tenant cannot be reached"
            return problem(str(error), "see the checks of the connection")
    surroundings.reads[subject] = answers[0] if answers else None
    page = surroundings.reads[subject]
    count = len(values_of(page))
    more = " and more" if isinstance(page, Mapping) and page.get("has_more") else ""
    return ok(f"{READABLE}: {counted(count, noun)}{more}" if noun else READABLE)


def _refused(error: ApiError, surroundings: Surroundings) -> Diagnosis:
    said = ", ".join(filter(None, (f"the tenant answers {error.status}", error.reason, error.message)))
    origin = surroundings.settings.api_key_origin if surroundings.settings else "VEZA_API_KEY"
    if isinstance(error, AuthenticationError):
        return problem(f"{said}: the key from {origin} is not accepted", _KEYS.format(origin=origin))
    if isinstance(error, PermissionDeniedError):
        return problem(f"{said}: the key may not read this", _RIGHTS)
    if isinstance(error, NotFoundError):
        return problem(said, "check that Lifecycle Management is enabled in this tenant, and the address (VEZA_URL)")
    if isinstance(error, RateLimitError):
        return warning(said, "the API's rate limit: run the doctor later; lower VEZA_REQUESTS_PER_SECOND for stacks")
    return problem(said, "the API failed by itself: try again later")


def _shown(profile: Mapping[str, Any]) -> int:
    details = profile.get("member_details")
    return len(details) if isinstance(details, list) else 0
