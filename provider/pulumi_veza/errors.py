"""Everything this package raises.

::

    VezaError
    ├── SettingsError             a setting is missing or cannot be used; nothing was sent
    ├── LookupFailed              a lookup by name found none, or several
    ├── RefusedError              the provider refused on purpose; the text says what to write instead
    ├── RequestError              no usable answer arrived
    │   ├── ConnectionFailed      the request never reached the server: nothing was done
    │   ├── AnswerLost            sent, but the answer was lost: it may have been carried out
    │   └── UnexpectedAnswer      a success whose body could not be read, or a redirect
    └── ApiError                  the API answered with an error status
        ├── InvalidRequest        400, 422
        ├── AuthenticationFailed  401
        ├── PermissionDenied      403
        ├── NotFound              404
        ├── Conflict              409
        ├── RateLimited           429
        └── ServerError           5xx
"""

# ruff: noqa: N818  (the names say what happened; that they are errors shows where they are raised and caught)

from __future__ import annotations

import unicodedata


class VezaError(Exception):
    """Base of every error of this package: one readable line, and never a secret in it."""

    maybe_done: bool = False
    """True where a changing request may have been carried out although it failed for the caller."""


class SettingsError(VezaError):
    """A setting is missing or cannot be used; nothing was sent."""


class LookupFailed(VezaError):
    """A lookup by name found no object, or more than one; the text lists the candidates."""


class RefusedError(VezaError):
    """The provider refused on purpose; the text says what to write instead."""


class RequestError(VezaError):
    """No usable answer arrived."""


class ConnectionFailed(RequestError):
    """The request never reached the server, so nothing was done."""


class AnswerLost(RequestError):
    """The request was sent and its answer was lost: it may have been carried out."""

    maybe_done = True


class UnexpectedAnswer(RequestError):
    """The server answered with success, but with a body that cannot be read; or with a redirect."""

    maybe_done = True


class ApiError(VezaError):
    """The API answered with an error status.

    ``code``, ``message``, ``details`` and ``request_id`` are what the API's error body says, each ``None`` or empty
    where it says nothing (the body's format is not documented; these are the names that Veza's own SDK reads).
    """

    def __init__(
        self,
        text: str,
        *,
        status: int,
        code: str | None = None,
        message: str | None = None,
        details: tuple[str, ...] = (),
        request_id: str | None = None,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.request_id = request_id


class InvalidRequest(ApiError):
    """400 or 422: the API did not accept what was sent."""


class AuthenticationFailed(ApiError):
    """401: the API key was not accepted."""


class PermissionDenied(ApiError):
    """403: the API key may not do this."""


class NotFound(ApiError):
    """404: there is no such object."""


class Conflict(ApiError):
    """409: the object was changed by somebody else, or exists already."""


class RateLimited(ApiError):
    """429, after every retry."""


class ServerError(ApiError):
    """5xx, after every retry that was safe; a changing request may have been carried out."""

    maybe_done = True


def one_line(text: str, *, longest: int = 300) -> str:
    """Make text of others fit for an error: no control characters, single spaces, at most ``longest`` characters.

    Characters that only steer the display (a reversed writing direction, say) go as well.
    """
    kept = (" " if unicodedata.category(each)[0] in "CZ" else each for each in text)
    line = " ".join("".join(kept).split())
    return line if len(line) <= longest else f"{line[:longest]}..."
