"""Every exception of this package; each name ends in ``Error``.

`PluginError`, the line that the engine prints, stands apart from the tree::

    VezaError
    ├── SettingsError                a setting is missing or cannot be used; nothing was sent
    ├── RefusedError                 the provider refuses on purpose; the text names what to write instead
    ├── LookupFailedError            a lookup by name found no object, or several
    ├── UnusableFileError            a file cannot be read, or does not hold what is expected of it
    │   └── PreviewFailedError       a preview failed, so what would change is not known
    ├── UnwritableFileError          a file cannot be written
    ├── UnknownConditionError        ``--fail-on`` names a condition that does not exist
    ├── EngineCommandError           a command of the Pulumi CLI could not be run, or failed
    ├── TwinError                    the twin of a tenant could not be started, or ended too early
    ├── RequestError                 no usable response arrived
    │   ├── ConnectionFailedError    the request never reached the server: nothing was done
    │   ├── ResponseLostError        sent, but the response was lost: it may have been carried out
    │   └── UnexpectedResponseError  a success whose body cannot be read, or a redirect
    └── ApiError                     the API responded with an error status
        ├── InvalidRequestError      400, 422
        ├── AuthenticationError      401
        ├── PermissionDeniedError    403
        ├── NotFoundError            404
        ├── ConflictError            409
        ├── RateLimitError           429
        └── ServerError              5xx
"""

from __future__ import annotations

import unicodedata


class VezaError(Exception):
    """Base of every error of this package: one readable line without secrets."""

    maybe_done: bool = False
    """True where a changing request may have been carried out although it failed for the caller."""


class SettingsError(VezaError):
    """A setting is missing or cannot be used; nothing was sent.

    ``in_environment`` is the text for who knows no stack's configuration, where that is another one.
    """

    def __init__(self, text: str, in_environment: str | None = None) -> None:
        super().__init__(text)
        self.in_environment = in_environment or text


class LookupFailedError(VezaError):
    """A lookup by name found no object, or more than one; the text lists the candidates."""


class RefusedError(VezaError):
    """The provider refused on purpose; the text says what to write instead."""


class UnusableFileError(VezaError):
    """A file, or the output of another program, cannot be read or does not hold what is expected of it."""


class PreviewFailedError(UnusableFileError):
    """A preview failed, so what would change is not known.

    ``reason`` is the engine's first error in one line, ``refused`` whether it is a refusal of the removal guard, and
    ``stacks`` the names of the stacks, as ``project/stack``, as far as the preview names them.
    """

    def __init__(self, text: str, *, reason: str, refused: bool, stacks: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.reason = reason
        self.refused = refused
        self.stacks = stacks


class UnwritableFileError(VezaError):
    """A file cannot be written."""


class UnknownConditionError(VezaError):
    """``--fail-on`` names a condition that does not exist; the text lists those that do."""


class EngineCommandError(VezaError):
    """A command of the Pulumi CLI could not be run, or failed; the text repeats what it printed."""


class TwinError(VezaError):
    """The simulator that plays the twin of a tenant could not be started, refused its content, or ended too early."""


class RequestError(VezaError):
    """No usable response arrived."""


class ConnectionFailedError(RequestError):
    """The request never reached the server, so nothing was done."""


class ResponseLostError(RequestError):
    """The request was sent but the response was lost: it may have been carried out."""

    maybe_done = True


class UnexpectedResponseError(RequestError):
    """The response was a success whose body cannot be read, or a redirect."""

    maybe_done = True


class ApiError(VezaError):
    """The API responded with an error status.

    ``code``, ``message``, ``details``, ``reason`` and ``request_id`` come from the body of the error, each ``None`` or
    empty where that lacks it. ``code`` is the text that was sent, or for an integer the name that google.rpc.Code has
    for it, such as ``PERMISSION_DENIED``. ``details`` are readable texts, at most five and how many more there are.
    ``reason`` is that of a google.rpc.ErrorInfo, such as ``NEEDS_ADMIN``.
    """

    def __init__(
        self,
        text: str,
        *,
        status: int,
        code: str | None = None,
        message: str | None = None,
        details: tuple[str, ...] = (),
        reason: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.reason = reason
        self.request_id = request_id


class InvalidRequestError(ApiError):
    """400 or 422: the API did not accept what was sent."""


class AuthenticationError(ApiError):
    """401: the API key was not accepted."""


class PermissionDeniedError(ApiError):
    """403: the API key may not do this."""


class NotFoundError(ApiError):
    """404: there is no such object."""


class ConflictError(ApiError):
    """409: the object exists already, or was changed at the same time."""


class RateLimitError(ApiError):
    """429, after every retry."""


class ServerError(ApiError):
    """5xx, after every retry that was safe; a changing request may have been carried out."""

    maybe_done = True


class PluginError(Exception):
    """One line for the engine, which prints an exception as ``module.Name: text``."""


# The engine omits the module of a built-in exception.
PluginError.__module__ = "builtins"
PluginError.__qualname__ = "Veza"


# The names of 0.1.0, which programs may still catch.
LookupFailed = LookupFailedError
ConnectionFailed = ConnectionFailedError
AnswerLost = ResponseLostError
UnexpectedAnswer = UnexpectedResponseError
InvalidRequest = InvalidRequestError
AuthenticationFailed = AuthenticationError
PermissionDenied = PermissionDeniedError
NotFound = NotFoundError
Conflict = ConflictError
RateLimited = RateLimitError


def one_line(text: str, *, longest: int = 300) -> str:
    """Format text from outside for an error: without control characters, at most ``longest`` characters in one line.

    Characters that only control the display, such as the writing direction, are removed as well.
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in text)
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[:longest]}..."
