"""Faults of the tenant and the network during a step, and quirks of the tenant that last for a run."""

from __future__ import annotations

from email.utils import formatdate
from random import Random
from typing import Any

from tests.support.generation.rules import PEOPLE, Rules

Json = dict[str, Any]

LISTS = r"access_profiles(_types)?$"
PLACES: dict[str, tuple[str, list[str | None]]] = {
    "types": (r"access_profiles_types$", ["GET", "POST", None]),
    "profiles": (r"access_profiles$", ["GET", "POST", None]),
    "a profile": (r"access_profiles/[^/]+$", ["PATCH"]),
    "a version": (r"/versions/\d+$", ["PATCH"]),
    "members": (r"/members$", ["GET", "PUT", None]),
    "anything": ("", ["GET", "POST", "PATCH", "PUT", None]),
}
"""Where a fault may hit: a pattern of the path, and the methods that are called there (None for any)."""

MEMBERS = PLACES["members"][0]

QUIRKS = [
    "integer_enumerations",
    "integer_current_version",
    "short_version_names",
    "single_access_request",
    "integers_as_strings",
    "nulls_for_empty",
    "omit_empty_fields",
    "minimal_profile_answers",
    "create_answer_has_version",
    "bare_member_list",
    "unknown_fields",
    "random_order",
    "token_after_last_page",
    "duplicate_member_fails",
    "members_stay_behind",
]
"""Not among them: `minimal_types`, where nobody can tell which of two types of one name is the wanted one."""


def quirks(rng: Random, rules: Rules) -> dict[str, bool]:
    """Choose the quirks of a run."""
    chosen = dict.fromkeys(rng.sample(QUIRKS, rng.randint(0, 4)), True)
    if rules.authoritative:
        # A source that is a number is not recognised, so nobody who has it is removed.
        chosen.pop("integer_enumerations", None)
    if "unknown_fields" in chosen:
        # An empty list would be an object of unknown fields alone, in which nobody can see a list.
        chosen.pop("omit_empty_fields", None)
    if rules.selectors:
        chosen["retired_versions_read_only"] = False
    return chosen


def faults(rng: Random, *, only_reading: bool) -> list[tuple[str, Json]]:
    """Choose up to three faults, each with its words. ``only_reading`` is for an operation that creates nothing."""
    return [_fault(rng, only_reading=only_reading) for _ in range(rng.choice([0, 1, 1, 2, 2, 3]))]


def _fault(rng: Random, *, only_reading: bool) -> tuple[str, Json]:
    place = rng.choice(list(PLACES))
    path, methods = PLACES[place]
    method = rng.choice(methods)
    where: Json = {"path": path, "skip": rng.choice([0, 0, 0, 1, 2]), "count": rng.choice([1, 1, 2, 3])}
    if method:
        where["method"] = method
    when = rng.choice(["before_commit", "after_commit"])
    status = rng.choice([500, 502, 503, 504])
    retry_after = rng.choice([None, "0", "1", "soon", formatdate(0, usegmt=True)])
    kinds: list[tuple[str, Json]] = [
        (f"{status} {when}", {"status": status, "status_when": when}),
        (f"{status} {when}", {"status": status, "status_when": when}),
        ("429", {"status": 429, **({"retry_after": retry_after} if retry_after else {})}),
        (f"reset {when}", {"reset": when}),
        ("reset mid_body", {"reset": "mid_body"}),
        ("delay", {"delay": 0.3, "count": 1}),
        *((f"{body} body", {"body_fault": body}) for body in ("truncated", "not_json", "empty", "wrong_content_type")),
        ("an empty page", {"method": "GET", "path": LISTS, "empty_page": True, "count": 1}),
        ("repeated elements", {"method": "GET", "path": LISTS, "duplicates": True}),
        ("failing members", {"method": "PUT", "path": MEMBERS, "fail_members": rng.sample(PEOPLE, 3)}),
        ("failing members", {"method": "PUT", "path": MEMBERS, "fail_members": rng.sample(PEOPLE, 3)}),
    ]
    if only_reading:
        # Whoever creates or removes by a list that lags behind is misled: no comparison with it can help.
        kinds.append(("a stale list", {"method": "GET", "path": "", "stale": 2}))
    words, what = rng.choice(kinds)
    rule = {**where, **what}
    if "path" in what or "method" in what:
        place = "lists" if rule["path"] == LISTS else "members"
    times = f"{rule['count']} times" if rule["count"] > 1 else "once"
    after = f" after {rule['skip']}" if rule["skip"] else ""
    return f"{words} for {rule.get('method', 'any call')} of {place} {times}{after}", rule
