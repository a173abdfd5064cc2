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
    unknown_fields: bool = Field(default=False, description="Every object carries a field that is not documented.")
    random_order: bool = Field(default=False, description="Lists, and the sets inside objects, come in a random order.")
    token_after_last_page: bool = Field(
        default=False, description="next_page_token is filled on the last page too, where has_more is false."
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
    integration_prefix_in_names: bool = Field(
        default=False,
        description="add_integration_prefix_to_access_profile_names puts INTEGRATION and a space before the name.",
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
