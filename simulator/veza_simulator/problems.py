"""The errors that the simulated API answers with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_RPC_TYPES = "type.googleapis.com/google.rpc."

FORBIDDEN, NOT_FOUND = 403, 404

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


RPC_CODES = {
    400: 3,
    401: 16,
    403: 7,
    404: 5,
    405: 12,
    409: 6,
    429: 8,
    500: 13,
    502: 14,
    503: 14,
    504: 4,
}
"""The integers of google.rpc.Code; 2 is any other."""


class RefusedRequestError(Exception):
    """A request that the simulated API refuses, with its HTTP status and the body's ``message`` and ``details``.

    ``rpc_message`` is the message where errors are a google.rpc.Status.
    """

    def __init__(self, status: int, message: str, details: Iterable[str] = (), *, rpc_message: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = list(details)
        self.rpc_message = rpc_message or message


def code_for(status: int) -> str:
    """Return the ``code`` of an error body for an HTTP status."""
    return CODES.get(status, "Unknown")


def error_body(problem: RefusedRequestError, request_id: str, timestamp: str) -> dict[str, Any]:
    """Return the body that Veza's own SDK reads."""
    return {
        "code": code_for(problem.status),
        "message": problem.message,
        "details": problem.details,
        "request_id": request_id,
        "timestamp": timestamp,
    }


def rpc_error_body(problem: RefusedRequestError) -> dict[str, Any]:
    """Return the body as a google.rpc.Status."""
    details: list[dict[str, Any]] = []
    if problem.details:
        violations = [each.partition(": ") for each in problem.details]
        fields = [{"field": field, "description": text or field} for field, _, text in violations]
        details.append({"@type": f"{_RPC_TYPES}BadRequest", "fieldViolations": fields})
    if problem.status == FORBIDDEN:
        details.append({"@type": f"{_RPC_TYPES}ErrorInfo", "reason": "NEEDS_ADMIN", "domain": "veza.com"})
    return {"code": RPC_CODES.get(problem.status, 2), "message": problem.rpc_message, "details": details}


def invalid(message: str, *details: str) -> RefusedRequestError:
    """Return the error for a request that the API does not accept (400)."""
    return RefusedRequestError(400, message, details)


def not_found(message: str) -> RefusedRequestError:
    """Return the error for a request that refers to something that does not exist (404)."""
    return RefusedRequestError(404, message)
