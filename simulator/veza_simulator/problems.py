"""The errors that the simulated API answers with."""

from __future__ import annotations

from collections.abc import Iterable

CODES = {
    400: "InvalidArgument",
    401: "Unauthenticated",
    403: "PermissionDenied",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "AlreadyExists",
    429: "ResourceExhausted",
    500: "Internal",
    502: "BadGateway",
    503: "Unavailable",
    504: "DeadlineExceeded",
}


class RefusedRequestError(Exception):
    """A request that the simulated API refuses, with its HTTP status and the body's ``message`` and ``details``."""

    def __init__(self, status: int, message: str, details: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = list(details)


def code_for(status: int) -> str:
    """Return the ``code`` of an error body for an HTTP status."""
    return CODES.get(status, "Unknown")


def invalid(message: str, *details: str) -> RefusedRequestError:
    """Return the error for a request that the API does not accept (400)."""
    return RefusedRequestError(400, message, details)


def not_found(message: str) -> RefusedRequestError:
    """Return the error for a request that refers to something that does not exist (404)."""
    return RefusedRequestError(404, message)
