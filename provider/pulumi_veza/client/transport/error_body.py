"""The body of an error: google.rpc.Status, what Veza's own SDK reads, or anything else.

The types of ``details`` are those of google/rpc/error_details.proto. Nothing here redacts: what is returned is text
from outside.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

RPC_CODES: Final[Mapping[int, str]] = {
    1: "CANCELLED",
    2: "UNKNOWN",
    3: "INVALID_ARGUMENT",
    4: "DEADLINE_EXCEEDED",
    5: "NOT_FOUND",
    6: "ALREADY_EXISTS",
    7: "PERMISSION_DENIED",
    8: "RESOURCE_EXHAUSTED",
    9: "FAILED_PRECONDITION",
    10: "ABORTED",
    11: "OUT_OF_RANGE",
    12: "UNIMPLEMENTED",
    13: "INTERNAL",
    14: "UNAVAILABLE",
    15: "DATA_LOSS",
    16: "UNAUTHENTICATED",
}
"""The names of google.rpc.Code by their integers; 0 is no error."""

_MAX_DIGITS: Final = 9
_MAX_DETAILS: Final = 5
_MAX_TEXTS: Final = 8
_MAX_DEPTH: Final = 6

Json = Mapping[str, Any]


@dataclass(frozen=True)
class ErrorBody:
    """What an error's body says; an absent part is ``None`` or empty.

    ``code`` is the text that was sent, or the name of google.rpc.Code for its integer. ``reason`` is that of the first
    google.rpc.ErrorInfo, such as ``NEEDS_ADMIN``. ``details`` are readable, and none is JSON.
    """

    code: str | None = None
    message: str | None = None
    details: tuple[str, ...] = ()
    reason: str | None = None
    request_id: str | None = None


def read(body: Json) -> ErrorBody:
    """Return what the JSON object of an error's body says."""
    inner = body.get("error")
    if isinstance(inner, Mapping):
        body = inner
    sent = body.get("details")
    details = [_unwrapped(each) for each in (sent if isinstance(sent, list) else [sent])]
    return ErrorBody(
        code=_code(body.get("code")),
        message=_text(body.get("message") or body.get("error")),
        details=_shortened([text for each in details for text in _readable(each)]),
        reason=next(filter(None, map(_reason, details)), None),
        request_id=_text(body.get("request_id") or _in_request_info(details)),
    )


def spoken(code: str) -> str:
    """Return a code as words: ``permission denied`` for a name of google.rpc.Code, any other as it is."""
    return code.replace("_", " ").lower() if code in RPC_CODES.values() else code


def _code(code: object) -> str | None:
    if isinstance(code, float) and code.is_integer():
        code = int(code)
    if isinstance(code, str) and code.isascii() and code.isdecimal() and len(code) <= _MAX_DIGITS:
        code = int(code)
    if isinstance(code, int) and not isinstance(code, bool):
        return RPC_CODES.get(code, f"code {code}" if code else None)
    return _text(code)


def _unwrapped(detail: Any) -> Any:
    """Return a detail as an object where it is one: as JSON in a text, or as the ``value`` beside its ``@type``."""
    if isinstance(detail, str) and detail.lstrip()[:1] in {"{", "["}:
        try:
            detail = json.loads(detail)
        except (ValueError, RecursionError):
            return detail
    if isinstance(detail, Mapping) and isinstance(detail.get("value"), Mapping):
        return {**detail, **detail["value"]}
    return detail


def _type(detail: Any) -> str:
    """Return the name of a detail's type without its package; an empty one where it has none."""
    name = detail.get("@type") if isinstance(detail, Mapping) else None
    return name.rpartition("/")[2].rpartition(".")[2] if isinstance(name, str) else ""


def _readable(detail: Any) -> Iterator[str]:
    """Yield the texts that say what a detail says."""
    typed = _DETAILS.get(_type(detail))
    texts = list(filter(None, typed(detail))) if typed else []
    yield from texts or ([] if typed is _request_info else filter(None, [_text(detail)]))


def _error_info(detail: Json) -> Iterator[str]:
    yield ", ".join(filter(None, (_text(detail.get(name)) for name in ("reason", "domain", "metadata"))))


def _bad_request(detail: Json) -> Iterator[str]:
    for each in _objects(detail, "fieldViolations", "field_violations"):
        yield _labelled(each, "field")


def _violations(*labels: str) -> Callable[[Json], Iterator[str]]:
    def readable(detail: Json) -> Iterator[str]:
        for each in _objects(detail, "violations"):
            yield _labelled(each, *labels)

    return readable


def _retry_info(detail: Json) -> Iterator[str]:
    delay = _text(detail.get("retryDelay") or detail.get("retry_delay"))
    if delay:
        yield f"retry after {delay}"


def _localized_message(detail: Json) -> Iterator[str]:
    yield _text(detail.get("message")) or ""


def _help(detail: Json) -> Iterator[str]:
    for each in _objects(detail, "links"):
        yield _labelled({"description": each.get("url"), "label": each.get("description")}, "label")


def _resource_info(detail: Json) -> Iterator[str]:
    names = ("resourceType", "resource_type"), ("resourceName", "resource_name")
    found = [_text(detail.get(one) or detail.get(other)) for one, other in names]
    yield _labelled({"label": " ".join(filter(None, found)), "description": detail.get("description")}, "label")


def _debug_info(detail: Json) -> Iterator[str]:
    yield _text(detail.get("detail")) or ""


def _request_info(detail: Json) -> Iterator[str]:  # noqa: ARG001 - every type is read alike
    """Yield nothing: the request's id has a place of its own."""
    yield from ()


_DETAILS: Final[Mapping[str, Callable[[Json], Iterator[str]]]] = {
    "ErrorInfo": _error_info,
    "BadRequest": _bad_request,
    "QuotaFailure": _violations("subject"),
    "PreconditionFailure": _violations("type", "subject"),
    "RetryInfo": _retry_info,
    "LocalizedMessage": _localized_message,
    "Help": _help,
    "ResourceInfo": _resource_info,
    "DebugInfo": _debug_info,
    "RequestInfo": _request_info,
}


def _reason(detail: Any) -> str | None:
    """Return the reason of an ErrorInfo, or of an object that does not say its type."""
    told = isinstance(detail, Mapping) and (_type(detail) == "ErrorInfo" or "@type" not in detail)
    reason = detail.get("reason") if told else None
    return reason if isinstance(reason, str) else None


def _in_request_info(details: list[Any]) -> object:
    found = (each.get("requestId") or each.get("request_id") for each in details if _type(each) == "RequestInfo")
    return next(found, None)


def _objects(detail: Json, *names: str) -> Iterator[Json]:
    """Yield the objects of the first of these lists that there is."""
    listed: list[Any] = next((detail[name] for name in names if isinstance(detail.get(name), list)), [])
    yield from (each for each in listed if isinstance(each, Mapping))


def _labelled(violation: Json, *labels: str) -> str:
    """Return ``label: description`` of a violation, either of which may be missing."""
    label = " ".join(filter(None, (_text(violation.get(name)) for name in labels)))
    description = _text(violation.get("description")) or _text(violation.get("reason"))
    return ": ".join(filter(None, [label, description]))


def _text(value: object) -> str | None:
    """Return what is text in a JSON value, with the names of the fields that hold it; None where nothing is."""
    if isinstance(value, str):
        return value or None
    texts: list[str] = []
    for text in _texts(value, "", 0):
        if len(texts) == _MAX_TEXTS:
            texts.append("...")
            break
        texts.append(text)
    return ", ".join(texts) or None


def _texts(value: object, name: str, depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, Mapping):
        for key, each in value.items():
            if not str(key).startswith("@"):
                yield from _texts(each, str(key), depth + 1)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, name, depth + 1)
    elif value not in {None, ""} and (name or not isinstance(value, bool)):
        text = value if isinstance(value, str) else json.dumps(value)
        yield f"{name}: {text}" if name else text


def _shortened(details: list[str]) -> tuple[str, ...]:
    distinct = list(dict.fromkeys(details))
    rest = len(distinct) - _MAX_DETAILS
    return (*distinct[:_MAX_DETAILS], *([f"{rest} more"] if rest > 0 else []))
