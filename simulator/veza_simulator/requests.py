"""The bodies that the API accepts, transcribed from its documents: nothing else is let in.

``null`` means "the default value", as in every protobuf API.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from veza_simulator import objects
from veza_simulator.enumerations import MemberOperation
from veza_simulator.fields import CHANGE, CREATE, Body, Required, request
from veza_simulator.problems import RefusedRequestError, invalid

CreateType = request("CreateType", CREATE, objects.ProfileType)
"""``POST access_profiles_types``."""
CreateProfile = request("CreateProfile", CREATE, objects.Profile, objects.Version)
"""``POST access_profiles``: the profile's fields and its first version's content."""
PatchProfile = request("PatchProfile", CHANGE, objects.Profile)
"""``PATCH access_profiles/{id}``."""
PatchVersion = request("PatchVersion", CHANGE, objects.Version)
"""``PATCH access_profiles/{id}/versions/{n}``."""


class UpdateMembers(Body):
    """``PUT access_profiles/{id}/versions/{n}/members``."""

    access_profile_id: Required
    version_number: int
    type: MemberOperation
    identity_ids: list[Required]


Model = TypeVar("Model", bound=BaseModel)


def parse_json_object(raw: bytes) -> dict[str, Any]:
    """Parse a body as a JSON object; raise 400 where it is none."""
    try:
        body = json.loads(raw)
    except ValueError:
        raise invalid("the body is not JSON") from None
    if not isinstance(body, dict):
        raise invalid("the body is not a JSON object")
    return body


def parse(model: type[Model], body: dict[str, Any]) -> Model:
    """Parse a body as the model; raise 400 with each field that is unknown, read-only or of a wrong type."""
    try:
        return model.model_validate(_without_nulls(body))
    except ValidationError as error:
        raise problem_of(error) from None


def _without_nulls(value: Any, key: str = "") -> Any:
    if key == "custom_properties":
        return value
    if isinstance(value, dict):
        return {name: _without_nulls(item, name) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def problem_of(error: ValidationError, *, unknown: str = "it is not a writable field") -> RefusedRequestError:
    """Return the errors of a validation as one refusal with a detail per field.

    Args:
        error: The errors.
        unknown: What is said of a field that there is not.

    """
    details = []
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        where = ".".join(str(part) for part in each["loc"])
        text = unknown if each["type"] == "extra_forbidden" else each["msg"]
        text = text.removeprefix("Value error, ")
        details.append(f"{where}: {text}" if where else text)
    return invalid(f"the request was not accepted: {'; '.join(details)}", *details)
