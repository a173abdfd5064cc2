"""The errors of the provider as the engine shows them: one line at each resource, in full only once in a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final, TypeVar

from typing_extensions import ParamSpec

from pulumi_veza.errors import (
    ApiError,
    AuthenticationError,
    ConnectionFailedError,
    PluginError,
    RequestError,
    VezaError,
    one_line,
)
from pulumi_veza.fields.secrets import conceal
from pulumi_veza.provider import session
from pulumi_veza.provider.lifecycle import NAME_KEY

P = ParamSpec("P")
R = TypeVar("R")

LONGEST: Final = 2000
"""The most characters of a message."""


def in_one_plugin_line(call: Callable[P, R]) -> Callable[P, R]:
    """Decorate a call of the engine on a provider, so that the engine shows an error of it in one line."""

    @wraps(call)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except VezaError as foreseen:
            error: Exception = foreseen
            text = _seen_before(foreseen, *args) or str(error)
        except Exception as unforeseen:  # noqa: BLE001 - the engine would print its text alone
            error = unforeseen
            text = (
                f"this is a fault of pulumi-veza and not of the program: {type(error).__name__}: {error}; report it to "
                "its maintainers with the traceback that VEZA_DEBUG=1 prints"
            )
        session.note_failure()
        known = [each for each in (*args, *kwargs.values()) if isinstance(each, Mapping)]
        line = one_line(conceal(text, *known), longest=LONGEST)
        if not os.environ.get("VEZA_DEBUG"):
            raise PluginError(line) from None
        # Whoever asks for a traceback needs the cause in it.
        error.args = (line,)
        raise PluginError(line) from error

    return wrapper


def _seen_before(error: VezaError, provider: Any, *args: object) -> str | None:
    """Return a short text for an error of the tenant that the engine shows at another resource already, or None.

    A refused key, or a list that cannot be read, fails for every resource of a run.
    """
    named = next((each[NAME_KEY] for each in args if isinstance(each, Mapping) and each.get(NAME_KEY)), None)
    if not isinstance(error, (ApiError, RequestError)) or named is None:
        return None
    who = f"{provider.lifecycle.kind.name} {named!r}"
    # No request is sent after one of these, so whatever the run wants to do ends with it.
    of_the_run = isinstance(error, (AuthenticationError, ConnectionFailedError))
    first = session.current().first_to_fail(type(error).__name__ if of_the_run else str(error), who)
    if isinstance(error, ApiError):
        brief = f"{error.status} {error.code or ''}".strip()
    else:
        brief = "no connection" if isinstance(error, ConnectionFailedError) else "no usable response"
    return None if first == who else f"the same error as that of {first}, which says what to do ({brief})"
