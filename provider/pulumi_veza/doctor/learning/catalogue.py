"""Every question about a tenant, with the function that answers it from what was seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pulumi_veza.doctor.learning import content, forms, orders
from pulumi_veza.doctor.learning.behaviour import Behaviour, Learned
from pulumi_veza.doctor.learning.seen import Seen

Answer = Callable[[Seen], Learned]


@dataclass(frozen=True)
class Question:
    """A question about a tenant."""

    meaning: str
    """What it means where the value is true, or what the value is."""
    answer: Answer


SWITCHES: Final[Mapping[str, Question]] = {
    "integer_enumerations": Question("Answers carry enumerations as integers.", forms.integer_enumerations),
    "integer_current_version": Question(
        "The answer to a profile's PATCH has the current version's number as current_version.",
        content.integer_current_version,
    ),
    "short_version_names": Question(
        "Version answers say id and version instead of access_profile_id and version_number.",
        content.short_version_names,
    ),
    "single_access_request": Question(
        "The answer to a change of members is access_request_id and access_request_error_message.",
        content.only_a_change_tells,
    ),
    "integers_as_strings": Question(
        "time_before_sync_check_in_seconds and profiles_count are strings.", forms.integers_as_strings
    ),
    "nulls_for_empty": Question("Empty strings, lists and objects are null.", forms.nulls_for_empty),
    "omit_empty_fields": Question(
        "Empty, zero and false fields are left out, as protobuf's JSON does by default.", forms.omit_empty_fields
    ),
    "minimal_types": Question("Types are answered with the short list's few fields.", forms.minimal_types),
    "minimal_profile_answers": Question(
        "The answers to a profile's POST and PATCH have only the simplified response's fields.",
        content.only_a_change_tells,
    ),
    "create_answer_has_version": Question(
        'The answer to a profile\'s POST has a "version" beside "value".', content.only_a_change_tells
    ),
    "bare_member_list": Question('The member list is an array without "values" around it.', forms.bare_member_list),
    "entities_without_entity_id": Question(
        "With entity_extra_info=true, entitlements have no entity_id.", forms.entities_without_entity_id
    ),
    "reference_datasources": Question(
        "Datasources are answered in the reference's shape (id, enabled, datasource, definition).",
        forms.reference_datasources,
    ),
    "quick_start_datasources": Question(
        "Datasources are answered in the shape of the documents' first steps (id, datasource, definition).",
        forms.quick_start_datasources,
    ),
    "unknown_fields": Question("Every object carries a field that is not documented.", forms.unknown_fields),
    "random_order": Question("Lists, and the sets inside objects, come in a random order.", orders.random_order),
    "token_after_last_page": Question(
        "next_page_token is filled on the last page too, where has_more is false.", forms.token_after_last_page
    ),
    "largest_page": Question(
        "A page of a list has at most so many objects, however many are asked for.", content.largest_page
    ),
    "duplicate_member_fails": Question(
        "Adding a member that is there already fails for it.", content.only_a_change_tells
    ),
    "members_stay_behind": Question(
        "A newly published version does not take over the members of the one before.", content.only_a_change_tells
    ),
    "version_parameter_ignored": Question(
        "The list's version parameter has no effect.", content.version_parameter_ignored
    ),
    "retired_versions_read_only": Question(
        "A retired version and its members cannot be changed.", content.only_a_change_tells
    ),
    "unique_names": Question("A second type or profile of the same name is refused with 409.", content.unique_names),
    "unique_names_without_case": Question(
        "A second type or profile whose name differs only in case is refused with 409, too.",
        content.unique_names_without_case,
    ),
    "trims_texts": Question(
        "Names, descriptions and labels are kept without blanks at their ends.", content.trims_texts
    ),
    "escapes_texts": Question(
        "Names, descriptions and labels are kept with HTML's characters escaped.", content.escapes_texts
    ),
    "lowercases_texts": Question("Names, descriptions and labels are kept in small letters.", content.lowercases_texts),
    "composes_texts": Question(
        "Names, descriptions and labels are kept in Unicode's composed form (NFC).", content.composes_texts
    ),
    "custom_properties_as_texts": Question(
        "Every value in custom_properties is kept as a text: True as true.", content.custom_properties_as_texts
    ),
    "kept_texts_show_later": Question(
        "The answer to a POST or PATCH shows those texts as they were sent, and only lists as kept.",
        content.only_a_change_tells,
    ),
    "approval_to_start": Question(
        "A profile with require_approval_to_start that is to run is PENDING until it is approved.",
        content.approval_to_start,
    ),
    "approval_to_start_at_creation": Question(
        "A profile that a POST asks to run is PENDING until it is approved.", content.only_a_change_tells
    ),
    "integration_prefix_in_names": Question(
        "add_integration_prefix_to_access_profile_names puts INTEGRATION and a space before the name.",
        content.integration_prefix_in_names,
    ),
    "alternating_member_list": Question(
        "Every second member list comes in the opposite order.", orders.alternating_member_list
    ),
    "identity_ids_without_case": Question(
        "Identity ids are compared without case, and kept as the identity has it, or in small letters.",
        content.identity_ids_without_case,
    ),
    "new_profile_unlisted_reads": Question(
        "So many times, the member list of a profile that a POST made answers 404.", content.only_a_change_tells
    ),
    "rpc_errors": Question(
        "An error is a google.rpc.Status: the code is an integer, details are objects with @type.", forms.rpc_errors
    ),
    "access_request_states": Question(
        "The states that an access request goes through; the documents name some of them.",
        content.only_a_change_tells,
    ),
    "access_request_reads": Question(
        "After so many reads, an access request is in the next of those states.", content.only_a_change_tells
    ),
    "strict_identities": Question(
        "Members must be known identities. Unset: once any identity was seeded.", content.only_a_change_tells
    ),
    "strict_datasources": Question(
        "Entitlements must name known datasources. Unset: once any datasource was seeded.",
        content.only_a_change_tells,
    ),
}
"""By the name of the simulator's switch."""

OBSERVATIONS: Final[Mapping[str, Question]] = {
    "page_size": Question("Whether a page has no more objects than were asked for.", content.page_size),
    "filter_by_profile_type": Question(
        "Whether a list that asks for the profiles of one type has no others.", content.filter_by_profile_type
    ),
    "profile_states": Question("The states that profiles are in.", content.profile_states),
    "member_sources": Question("Where members come from.", content.member_sources),
    "identities_readable": Question("Whether the key may read the identity of a member.", content.identities_readable),
    "request_id_header": Question("Whether responses carry the id of their request.", content.request_id_header),
    "rate_limit_headers": Question("The headers in which responses tell a rate limit.", content.rate_limit_headers),
}
"""What the simulator has no switch for."""


def behaviour(seen: Seen, made_by: str) -> Behaviour:
    """Answer every question from what was seen."""
    counts = {
        "types": seen.types,
        "profiles": seen.profiles,
        "datasources": seen.datasources,
        "members": seen.members,
        "identities": seen.identities,
    }
    return Behaviour(
        made_by=made_by,
        seen={name: len(values) for name, values in counts.items()},
        switches={name: question.answer(seen) for name, question in SWITCHES.items()},
        observations={name: question.answer(seen) for name, question in OBSERVATIONS.items()},
    )


def questions() -> dict[str, str]:
    """Return what every value means, by the name of its question."""
    return {name: each.meaning for name, each in {**SWITCHES, **OBSERVATIONS}.items()}
