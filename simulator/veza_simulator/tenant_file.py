"""The file of a tenant that ``--tenant`` names: a seed, such as ``pulumi-veza export --twin`` writes."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from veza_simulator.problems import RefusedRequestError
from veza_simulator.requests import problem_of
from veza_simulator.seeding import Seed

AGAIN = "write it again with `pulumi-veza export --twin`"


class UnusableTenantFileError(Exception):
    """A file holds no tenant; the text is one line that says why and what to do."""


def read(file: Path) -> Seed:
    """Read a seed from a file.

    Raises:
        UnusableTenantFileError: it cannot be read, is not JSON, or is no seed of this version.

    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UnusableTenantFileError(f"it cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UnusableTenantFileError(f"it is not text in UTF-8; {AGAIN}") from None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise UnusableTenantFileError(f"it is not JSON, or is cut off; {AGAIN}") from None
    if not isinstance(document, dict):
        raise UnusableTenantFileError(f"it is not a JSON object; {AGAIN}")
    try:
        return Seed.model_validate(document)
    except ValidationError as error:
        raise UnusableTenantFileError(
            f"{_first(problem_of(error, unknown='there is no such field'))}; {AGAIN}"
        ) from None


def _first(problem: RefusedRequestError) -> str:
    """Return the first thing that is wrong, with its place in the file, and how many more there are."""
    first, *others = problem.details
    return f"{first} (and {len(others)} more)" if others else str(first)
