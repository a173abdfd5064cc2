"""Questions about what the tenant keeps and shows: texts, names, versions, pages, sources, states."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from pulumi_veza.client.models import STATES
from pulumi_veza.doctor.learning.answers import certain, likely, unknown
from pulumi_veza.doctor.learning.behaviour import Learned
from pulumi_veza.doctor.learning.seen import OPAQUE, PAGE, Json, Seen, fields
from pulumi_veza.reports.words import counted, listed

_ENUMERATION: Final = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
"""What may be repeated of a value that the tenant sent: the name of an enumeration's value."""
_RATE_LIMIT: Final = re.compile(r"(?:x-)?rate-?limit(?:-(?:limit|remaining|reset|policy|used))?|retry-after")
_ENTITY: Final = re.compile(r"&(?:amp|lt|gt|quot|#x27|#39);")
_CHANGE: Final = "a change of the tenant (none is made here)"


def only_a_change_tells(seen: Seen) -> Learned:  # noqa: ARG001 - every question is asked alike
    """Return that no read shows it."""
    return unknown("no read shows it", _CHANGE)


def integer_current_version(seen: Seen) -> Learned:
    """Look whether a list shows what is documented for the response to a PATCH."""
    found = sum(isinstance(each.get("current_version"), int | str) for each in seen.profiles)
    if found:
        return likely(True, f"{found:,} of {counted(len(seen.profiles), 'profile')} have a number as current_version")
    return only_a_change_tells(seen)


def short_version_names(seen: Seen) -> Learned:
    """Look whether a list shows what is documented for the response to a PATCH."""
    shown = [each["current_version"] for each in seen.profiles if isinstance(each.get("current_version"), Mapping)]
    found = sum("version" in each and "version_number" not in each for each in shown)
    if found:
        return likely(True, f"{found:,} of {counted(len(shown), 'version')} have a version and no version_number")
    return only_a_change_tells(seen)


def version_parameter_ignored(seen: Seen) -> Learned:
    """Look whether a list with the parameter ``version`` shows that version."""
    other = [each for each in seen.versions if each.shown is not None and each.asked != each.current]
    drafts = [each for each in other if each.draft]
    if honoured := sum(each.shown == each.asked for each in other):
        return certain(False, f"{counted(honoured, 'version')} of {len(other):,} shown as asked for")
    if drafts:
        return certain(True, f"{counted(len(drafts), 'draft')} asked for, and the current version shown")
    if other:
        return likely(True, f"{counted(len(other), 'earlier version')} asked for, and the current one shown")
    return unknown(seen.refusal("versions") or "no profile has a draft or an earlier version", "a profile with a draft")


def largest_page(seen: Seen) -> Learned:
    """Look at the pages that have more behind them."""
    large = [each for each in seen.sizes if each.more and each.asked == PAGE]
    if not large:
        return unknown(seen.refusal("profiles", "types") or "no list has several pages", f"more than {PAGE} profiles")
    sizes = {each.got for each in large}
    said = f"{counted(len(large), 'page')} with more to come, with {listed(map(str, sizes))} objects"
    if max(sizes) >= PAGE:
        return certain(PAGE, said)
    if len(sizes) > 1 or min(sizes) < 1:
        return unknown(said, "pages of one size")
    return (certain if len(large) > 1 else likely)(min(sizes), said)


def unique_names(seen: Seen) -> Learned:
    """Look for two types, or two profiles, of one name."""
    return _duplicates(seen, str)


def unique_names_without_case(seen: Seen) -> Learned:
    """Look for two types, or two profiles, whose names differ in case only."""
    return _duplicates(seen, str.casefold)


def trims_texts(seen: Seen) -> Learned:
    """Look for a text with blanks at its ends."""
    return _kept(seen, lambda text: text != text.strip(), "with a blank at an end")


def lowercases_texts(seen: Seen) -> Learned:
    """Look for a text with a capital letter."""
    return _kept(seen, lambda text: text != text.lower(), "with a capital letter")


def composes_texts(seen: Seen) -> Learned:
    """Look for a text that is not composed."""
    return _kept(seen, lambda text: text != unicodedata.normalize("NFC", text), "that is not composed")


def escapes_texts(seen: Seen) -> Learned:
    """Look for characters of HTML, plain or escaped."""
    texts = list(_texts(seen))
    plain = sum(html.escape(_ENTITY.sub("", each)) != _ENTITY.sub("", each) for each in texts)
    escaped = sum(bool(_ENTITY.search(each)) for each in texts)
    if escaped and not plain:
        return likely(True, f"{escaped:,} of {counted(len(texts), 'text')} have escaped characters, none plain ones")
    if plain:
        return likely(False, f"{plain:,} of {counted(len(texts), 'text')} have a character of HTML as it is")
    return unknown("no text has a character of HTML", _CHANGE)


def custom_properties_as_texts(seen: Seen) -> Learned:
    """Look for custom properties that are no texts."""
    held = [each for name, each in fields(seen.objects) if name == OPAQUE and isinstance(each, Mapping)]
    values = [value for each in held for value in each.values()]
    if other := sum(not isinstance(each, str) for each in values):
        return likely(False, f"{other:,} of {counted(len(values), 'value')} are no texts")
    return unknown(f"{counted(len(values), 'value')} seen, none that is no text", _CHANGE)


def identity_ids_without_case(seen: Seen) -> Learned:
    """Look for an identity's id with a capital letter."""
    ids = [str(each["identity_id"]) for each in seen.members if each.get("identity_id")]
    if found := sum(each != each.lower() for each in ids):
        return likely(False, f"{found:,} of {counted(len(ids), 'id')} have capital letters")
    return unknown(f"{counted(len(ids), 'id')} seen, none with a capital letter", _CHANGE)


def approval_to_start(seen: Seen) -> Learned:
    """Look for profiles that wait for the approval to start."""
    asked = [each for each in seen.profiles if each.get("require_approval_to_start") is True]
    if found := sum(each.get("state") in {"PENDING", STATES.index("PENDING")} for each in asked):
        return likely(True, f"{found:,} of {counted(len(asked), 'profile')} that need an approval are PENDING")
    return unknown(f"{counted(len(asked), 'profile')} need an approval, none is PENDING", _CHANGE)


def integration_prefix_in_names(seen: Seen) -> Learned:
    """Look at the names of profiles whose type asks for the prefix."""
    flag = "add_integration_prefix_to_access_profile_names"
    types = {each.get("id") for each in seen.types if each.get(flag) and each.get("require_single_integration")}
    names = [
        (str(each.get("name")), [str(one) for one in each["integrations"]])
        for each in seen.profiles
        if each.get("profile_type") in types and isinstance(each.get("integrations"), list) and each["integrations"]
    ]
    if not names:
        return unknown("no profile of a type that asks for it was seen", _CHANGE)
    found = sum(any(name.startswith(f"{one} ") for one in integrations) for name, integrations in names)
    said = f"{found:,} of {counted(len(names), 'profile')} of such types begin with an integration"
    return likely(found == len(names), said)


# What has no switch


def page_size(seen: Seen) -> Learned:
    """Look whether pages have no more objects than were asked for."""
    longer = [each for each in seen.sizes if each.got > each.asked]
    if longer:
        return certain("exceeded", f"a page had {longer[0].got:,} objects, and {longer[0].asked:,} were asked for")
    told = [each for each in seen.sizes if each.more]
    if told:
        return certain("honoured", f"{counted(len(told), 'page')} with more to come, none longer than was asked for")
    return unknown(seen.refusal("profiles", "types") or "no list has several pages", "more profiles")


def filter_by_profile_type(seen: Seen) -> Learned:
    """Look whether the documented filter leaves out the profiles of other types."""
    if seen.filtered is None:
        return unknown(seen.refusal("filter", "profiles") or "no profile was seen", "a profile")
    all_, others = seen.filtered
    if others:
        return certain("ignored", f"{others:,} of {counted(all_, 'profile')} are of another type")
    if all_ and seen.types_of_profiles > 1:
        return certain("honoured", f"{counted(all_, 'profile')}, all of the type that was asked for")
    return unknown("all profiles that were seen are of one type", "profiles of two types")


def member_sources(seen: Seen) -> Learned:
    """List the sources of members."""
    return _names((each.get("created_from") for each in seen.members), "member", "a profile with members")


def profile_states(seen: Seen) -> Learned:
    """List the states of profiles."""
    return _names((each.get("state") for each in seen.profiles), "profile", "a profile")


def identities_readable(seen: Seen) -> Learned:
    """Look whether one member's identity could be read."""
    if seen.identities:
        return certain(True, "the identity of a member was read")
    if refused := seen.refusal("identities"):
        return certain(False, refused)
    return unknown("no member was seen", "a profile with a member")


def request_id_header(seen: Seen) -> Learned:
    """Look for the id by which Veza's support finds a request."""
    if not seen.headers:
        return unknown("no response was seen", "a response")
    found = sum("x-request-id" in each for each in seen.headers)
    return certain(bool(found), f"{found:,} of {counted(len(seen.headers), 'response')} have x-request-id")


def rate_limit_headers(seen: Seen) -> Learned:
    """List the headers in which responses tell a rate limit."""
    if not seen.headers:
        return unknown("no response was seen", "a response")
    found = sorted({name for each in seen.headers for name in each if _RATE_LIMIT.fullmatch(name)})
    return certain(found, f"{counted(len(seen.headers), 'response')} looked at")


def _duplicates(seen: Seen, key: Callable[[str], str]) -> Learned:
    found = 0
    for objects in (seen.types, seen.profiles):
        spellings = {str(each.get("id")): key(str(each["name"])) for each in objects if each.get("name")}
        found += sum(count - 1 for count in Counter(spellings.values()).values())
    if found:
        return likely(False, f"{counted(found, 'name')} borne a second time")
    return unknown("no name was seen a second time", _CHANGE)


def _kept(seen: Seen, shows_otherwise: Callable[[str], bool], what: str) -> Learned:
    texts = list(_texts(seen))
    if found := sum(map(shows_otherwise, texts)):
        return likely(False, f"{found:,} of {counted(len(texts), 'text')} {what}")
    return unknown(f"{counted(len(texts), 'text')} seen, none {what}", _CHANGE)


def _texts(seen: Seen) -> Iterator[str]:
    """Yield the names, descriptions and labels that somebody wrote."""
    objects: Iterable[Json] = [*seen.types, *seen.profiles]
    for each in objects:
        labels: Any = each.get("labels")
        written = [each.get("name"), each.get("description"), *(labels if isinstance(labels, list) else [])]
        yield from (text for text in written if isinstance(text, str) and text)


def _names(values: Iterable[Any], of: str, needs: str) -> Learned:
    """List the names of an enumeration, with their number; what looks like no such name is not repeated."""
    counts: Counter[str] = Counter()
    for value in values:
        named = isinstance(value, str) and _ENUMERATION.fullmatch(value)
        number = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and value != "":
            counts[str(value) if named or number else "(another form)"] += 1
    if not counts:
        return unknown(f"no {of} was seen with one", needs)
    said = ", ".join(f"{name} ({count:,})" for name, count in sorted(counts.items()))
    return certain(sorted(counts), said)
