"""Whether a command looks at the tenant, and with which settings: where it has them, unless it is told otherwise."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pulumi_veza.cli import engine
from pulumi_veza.client.settings import SETTINGS, Settings, load
from pulumi_veza.errors import RefusedError, SettingsError, VezaError
from pulumi_veza.plan.records import HIDDEN

OFFLINE: Final = "--offline"
"""Why the tenant is not looked at where the user says so."""

_NEEDED: Final = tuple(each for each in SETTINGS if each.required)
_NAMES: Final = frozenset(each.config_name for each in SETTINGS)


def settings_of(live: bool | None, configurations: Iterable[Mapping[str, str]]) -> Settings | str:
    """Return the settings to look at the tenant with, or why it is not looked at.

    Args:
        live: Whether the user asks for it; None where the settings decide.
        configurations: The configurations of the stacks, as far as they are known.

    Raises:
        VezaError: it is asked for and there are no settings, or they cannot be used. The message is one line.

    """
    if live is False:
        return OFFLINE
    config = _merged(configurations)
    given = {each for each in _NEEDED if config.get(each.config_name) or os.environ.get(each.env_name, "").strip()}
    missing = [each.env_name for each in _NEEDED if each not in given]
    if missing and live is None:
        return f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set"
    try:
        return load(config)
    except SettingsError as error:
        reason = str(error)
    # Outside of the handler, so that nothing of a secret is in the error's context.
    raise RefusedError(f"{reason}; {_INSTEAD}")


_INSTEAD: Final = "or give --offline, which looks at the state alone"


def configuration_of(given: Mapping[str, str], stack: str | None, folder: Path | None) -> Mapping[str, str]:
    """Return a stack's configuration as its preview has it, with the API key, if that is secret there."""
    (name,) = (each.config_name for each in SETTINGS if each.secret)
    if given.get(name) != HIDDEN:
        return given
    listed = json.loads(engine.configuration_text(stack, folder))
    return {**given, name: str(listed[name]["value"])}


def _merged(configurations: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return the settings in the configurations of several stacks; what a preview's file hides is left out."""
    found: dict[str, str] = {}
    for each in configurations:
        for name, value in each.items():
            if name in _NAMES and value != HIDDEN and found.setdefault(name, value) != value and name == "veza:url":
                raise RefusedError(
                    f"the stacks are about two tenants, {found[name]} and {value}: look at the stacks of one at a "
                    f"time, {_INSTEAD}"
                )
    return found


@contextmanager
def or_offline() -> Iterator[None]:
    """Add to the error of a tenant that cannot be looked at how to do without."""
    try:
        yield
    except VezaError as error:
        reason = str(error)
    else:
        return
    raise RefusedError(f"{reason}; {_INSTEAD}")
