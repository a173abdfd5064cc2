"""The switches: each makes the tenant behave in one of the ways that the documents leave open or contradict."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Quirks(BaseModel):
    """Every switch with its default and what it does when it is on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    integer_enumerations: bool = Field(default=False, description="Answers carry enumerations as integers.")
    integer_current_version: bool = Field(
        default=False,
        description="The answer to a profile's PATCH has the current version's number as current_version.",
    )
    short_version_names: bool = Field(
        default=False,
        description="Version answers say id and version instead of access_profile_id and version_number.",
    )
    single_access_request: bool = Field(
        default=False,
        description="The answer to a change of members is access_request_id and access_request_error_message.",
    )
    integers_as_strings: bool = Field(
        default=False, description="time_before_sync_check_in_seconds and profiles_count are strings."
    )
    nulls_for_empty: bool = Field(default=False, description="Empty strings, lists and objects are null.")
    omit_empty_fields: bool = Field(
        default=False, description="Empty, zero and false fields are left out, as protobuf's JSON does by default."
    )
    minimal_types: bool = Field(default=False, description="Types are answered with the short list's few fields.")
    minimal_profile_answers: bool = Field(
        default=False,
        description="The answers to a profile's POST and PATCH have only the simplified response's fields.",
    )
    create_answer_has_version: bool = Field(
        default=False, description='The answer to a profile\'s POST has a "version" beside "value".'
    )
    bare_member_list: bool = Field(default=False, description='The member list is an array without "values" around it.')
    entities_without_entity_id: bool = Field(
        default=False, description="With entity_extra_info=true, entitlements have no entity_id."
    )
    reference_datasources: bool = Field(
        default=False,
        description="Datasources are answered in the reference's shape (id, enabled, datasource, definition).",
    )
    quick_start_datasources: bool = Field(
        default=False,
        description="Datasources are answered in the shape of the documents' first steps (id, datasource, definition).",
    )
    unknown_fields: bool = Field(default=False, description="Every object carries a field that is not documented.")
    random_order: bool = Field(default=False, description="Lists, and the sets inside objects, come in a random order.")
    token_after_last_page: bool = Field(
        default=False, description="next_page_token is filled on the last page too, where has_more is false."
    )
    largest_page: int = Field(
        default=100,
        ge=1,
        le=100,
        description="A page of a list has at most so many objects, however many are asked for.",
    )
    duplicate_member_fails: bool = Field(
        default=False, description="Adding a member that is there already fails for it."
    )
    members_stay_behind: bool = Field(
        default=False, description="A newly published version does not take over the members of the one before."
    )
    version_parameter_ignored: bool = Field(default=False, description="The list's version parameter has no effect.")
    retired_versions_read_only: bool = Field(
        default=True, description="A retired version and its members cannot be changed."
    )
    unique_names: bool = Field(
        default=False, description="A second type or profile of the same name is refused with 409."
    )
    unique_names_without_case: bool = Field(
        default=False,
        description="A second type or profile whose name differs only in case is refused with 409, too.",
    )
    trims_texts: bool = Field(
        default=False, description="Names, descriptions and labels are kept without blanks at their ends."
    )
    escapes_texts: bool = Field(
        default=False, description="Names, descriptions and labels are kept with HTML's characters escaped."
    )
    lowercases_texts: bool = Field(
        default=False, description="Names, descriptions and labels are kept in small letters."
    )
    composes_texts: bool = Field(
        default=False, description="Names, descriptions and labels are kept in Unicode's composed form (NFC)."
    )
    custom_properties_as_texts: bool = Field(
        default=False, description="Every value in custom_properties is kept as a text: True as true."
    )
    kept_texts_show_later: bool = Field(
        default=False,
        description="The answer to a POST or PATCH shows those texts as they were sent, and only lists as kept.",
    )
    approval_to_start: bool = Field(
        default=False,
        description="A profile with require_approval_to_start that is to run is PENDING until it is approved.",
    )
    approval_to_start_at_creation: bool = Field(
        default=False, description="A profile that a POST asks to run is PENDING until it is approved."
    )
    integration_prefix_in_names: bool = Field(
        default=False,
        description="add_integration_prefix_to_access_profile_names puts INTEGRATION and a space before the name.",
    )
    alternating_member_list: bool = Field(
        default=False, description="Every second member list comes in the opposite order."
    )
    identity_ids_without_case: bool = Field(
        default=False,
        description="Identity ids are compared without case, and kept as the identity has it, or in small letters.",
    )
    new_profile_unlisted_reads: int = Field(
        default=0, ge=0, description="So many times, the member list of a profile that a POST made answers 404."
    )
    rpc_errors: bool = Field(
        default=False,
        description="An error is a google.rpc.Status: the code is an integer, details are objects with @type.",
    )
    access_request_states: list[str] = Field(
        default=["INITIAL", "COMPLETED"],
        min_length=1,
        description="The states that an access request goes through; the documents name some of them.",
    )
    access_request_reads: int = Field(
        default=1, ge=1, description="After so many reads, an access request is in the next of those states."
    )
    strict_identities: bool | None = Field(
        default=None, description="Members must be known identities. Unset: once any identity was seeded."
    )
    strict_datasources: bool | None = Field(
        default=None, description="Entitlements must name known datasources. Unset: once any datasource was seeded."
    )

    def described(self) -> dict[str, Any]:
        """Return every switch with its value, its default and its description."""
        return {
            name: {"value": getattr(self, name), "default": field.default, "description": field.description}
            for name, field in type(self).model_fields.items()
        }
