"""The messages of errors: one line each that says what to do and never holds the API key."""

from __future__ import annotations

import base64
import html
import json
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore

from pulumi_veza import errors
from pulumi_veza.client.settings import Settings
from pulumi_veza.client.transport import error_body
from pulumi_veza.client.transport.error_body import ErrorBody

SERVER_ERRORS: Final = 500
"""Status codes from here on are the server's own failures."""

_STORED: Final = (
    ". Refresh and destroy use the configuration stored in the state: with a renewed key add --run-program, or set "
    "both VEZA_URL and VEZA_API_KEY (the key alone is not used where the configuration has a pair)"
)
"""The rest of the advice where the key comes from the configuration."""

_READ_OF_A_TEXT: Final = 20_000
_RECOGNISABLE: Final = 8
_TITLE: Final = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)

_ERROR_BY_STATUS: Final[Mapping[int, type[errors.ApiError]]] = {
    400: errors.InvalidRequestError,
    401: errors.AuthenticationError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    422: errors.InvalidRequestError,
    429: errors.RateLimitError,
}


_ADVICE_BY_REASON: Final[Mapping[str, str]] = {
    "NEEDS_ADMIN": (
        "the owner of the API key must have the role Admin; use a personal key of an administrator (Administration > "
        "API Keys)"
    ),
}
_ADVICE_BY_REFUSAL: Final[Mapping[str, str]] = {
    "malformed api key": "the key has characters that no key has, usually from copying; copy it anew",
    "invalid api key": "it is not the text of a key; copy it whole, without quotes or a word before it",
}
"""What to do about the two texts that a refused key is answered with."""


class ErrorMessages:
    """Makes the errors of one tenant's client."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._api_key = _pattern_of(settings.api_key)

    def redact(self, text: str) -> str:
        """Replace the API key, in whatever spelling, by a placeholder."""
        return self._api_key.sub("[API key]", text)

    def clean(self, text: str) -> str:
        """Format text from outside for an error: in one line of limited length, with the API key redacted."""
        # First redacted, then shortened: what is left of a key that was cut would not be recognised.
        return errors.one_line(self.redact(errors.one_line(text, longest=len(text))))

    def refused(
        self,
        what: str,
        status: int,
        content: bytes,
        headers: Mapping[str, str],
        *,
        idempotent: bool,
        not_found: str | None = None,
    ) -> errors.ApiError:
        """Return the error for a response with an error status; ``not_found`` is the advice of a 404."""
        body = self._error_body(content, headers)
        kind = _ERROR_BY_STATUS.get(status, errors.ServerError if status >= SERVER_ERRORS else errors.ApiError)
        advice = self._advice(status, body, idempotent=idempotent)
        if not_found and status == HTTPStatus.NOT_FOUND:
            advice = not_found
        return kind(
            f"{what} failed: {_description(status, body)}: {advice}",
            status=status,
            code=body.code,
            message=body.message,
            details=body.details,
            reason=body.reason,
            request_id=body.request_id,
        )

    def redirected(self, what: str, status: int, location: str) -> errors.UnexpectedResponseError:
        """Return the error for a redirect, with no more of its target than the host: the rest may hold secrets."""
        try:
            host = urlsplit(location).hostname
        except ValueError:
            host = None
        to = f" to {self.clean(host)}" if host else ""
        return errors.UnexpectedResponseError(
            f"{what} failed: {status}, a redirect{to}: redirects are not followed, so that the API key goes nowhere "
            "else; set veza:url (VEZA_URL) to the tenant's own address"
        )

    def unreadable(self, what: str, status: int, problem: str) -> errors.UnexpectedResponseError:
        """Return the error for a success whose body cannot be used."""
        return errors.UnexpectedResponseError(
            f"{what} failed: the answer ({status}) {self.clean(problem)}: check that {self._settings.url} (veza:url) "
            "is the tenant's own address and that no proxy answers in its place"
        )

    def not_connected(self, what: str, problem: Exception) -> errors.ConnectionFailedError:
        """Return the error for a request that never reached the server."""
        return errors.ConnectionFailedError(
            f"{what} failed: no connection to {self._settings.url} ({self._reason(problem)}): "
            f"{_connection_advice(problem)}"
        )

    def not_sent(self, what: str, problem: Exception) -> errors.ConnectionFailedError:
        """Return the error for a request that the HTTP library refused to send."""
        return errors.ConnectionFailedError(
            f"{what} was not sent ({self._reason(problem)}): check veza:url (VEZA_URL) and the values in the request"
        )

    def lost(self, what: str, problem: Exception, *, changing: bool) -> errors.ResponseLostError:
        """Return the error for a request that was sent but whose response did not arrive."""
        advice = (
            "it may have been carried out all the same; look before you repeat it"
            if changing
            else "try again later, or raise veza:timeout (VEZA_TIMEOUT)"
        )
        return errors.ResponseLostError(
            f"{what} failed: {self._settings.url} gave no answer ({self._reason(problem)}): {advice}"
        )

    def _reason(self, problem: Exception) -> str:
        return self.clean(str(problem)) or type(problem).__name__

    def _advice(self, status: int, body: ErrorBody, *, idempotent: bool) -> str:
        tenant = self._settings.url
        if status == HTTPStatus.UNAUTHORIZED:
            said = (body.message or "").casefold()
            renew = "create or renew it in Administration > API Keys"
            remedy = next((advice for text, advice in _ADVICE_BY_REFUSAL.items() if text in said), renew)
            return (
                f"the API key (from {self._settings.api_key_origin}) is not valid for {tenant}; {remedy}"
                f"{_STORED if self._settings.api_key_origin == 'veza:apiKey' else ''}"
            )
        if body.reason and body.reason in _ADVICE_BY_REASON:
            return _ADVICE_BY_REASON[body.reason]
        if status >= SERVER_ERRORS:
            return (
                "the API failed by itself; try again later"
                if idempotent
                else "it may have been carried out all the same, so it was not sent again; look before you repeat it"
            )
        return {
            400: "correct what the API names",
            403: "give the owner of the API key the right to manage Lifecycle Management, or use another key",
            404: f"it is not in {tenant} (any more); run `pulumi refresh`, or check veza:url (VEZA_URL)",
            409: "it exists already, or somebody else changed it just now; run `pulumi refresh` and try again",
            422: "correct what the API names",
            429: "the API's rate limit; try again later, or lower veza:requestsPerSecond (VEZA_REQUESTS_PER_SECOND)",
        }.get(status, f"the API refused it; check that {tenant} (veza:url) is the tenant's own address")

    def _error_body(self, content: bytes, headers: Mapping[str, str]) -> ErrorBody:
        """Parse the body of an error; it may be anything."""
        text = content.decode("utf-8", errors="replace")
        parsed: Any
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            parsed = text
        if isinstance(parsed, dict):
            body = error_body.read(parsed)
        else:
            body = ErrorBody(message=None if parsed is None else _without_markup(text))
        return ErrorBody(
            code=self._clean(body.code),
            message=self._clean(body.message),
            details=tuple(filter(None, map(self._clean, body.details))),
            reason=self._clean(body.reason),
            request_id=self._clean(body.request_id or headers.get("x-request-id")),
        )

    def _clean(self, text: str | None) -> str | None:
        """Return text of an error's body as it can be shown; ``None`` where nothing is left of it."""
        return self.clean(text or "") or None


def _pattern_of(secret: str) -> re.Pattern[str]:
    """Compile a pattern for every way to spell a secret: escaped, encoded, or broken over lines."""
    raw = secret.encode()
    encoded = {raw.hex(), *_in_base64(raw, b"+/"), *_in_base64(raw, b"-_")}
    forms = [map(_spelt, secret), *(map(re.escape, each) for each in sorted(encoded, key=len, reverse=True))]
    return re.compile("|".join(" ?".join(form) for form in forms), re.IGNORECASE)


def _spelt(char: str) -> str:
    """Return a pattern for a character, plain or escaped (even repeatedly) for JSON, a URL or HTML."""
    code = ord(char)
    literal = rf"\\{{0,7}}(?:{re.escape(char)}|u{code:04x})"
    return rf"(?:{literal}|%(?:25){{0,3}}{code:02x}|{re.escape(html.escape(char))}|&#(?:x0*{code:x}|0*{code});)"


def _in_base64(secret: bytes, altchars: bytes) -> Iterator[str]:
    """Yield the base64 of a secret inside another text: three forms, one for each offset, without their ends."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + secret, altchars).decode()
        middle = encoded[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]
        if len(middle) >= _RECOGNISABLE:
            yield middle


def _without_markup(text: str) -> str:
    if not text.lstrip().startswith("<"):
        return text
    title = _TITLE.search(text[:_READ_OF_A_TEXT])
    return f"an HTML page: {html.unescape(title[1])}" if title else "an HTML page"


def _description(status: int, body: ErrorBody) -> str:
    name = error_body.spoken(body.code or "") or next((each.phrase for each in HTTPStatus if each == status), "")
    message = f'"{body.message}"' if body.message else ""
    aside = [detail for detail in body.details if detail not in message]
    if body.request_id:
        aside.append(f"request id {body.request_id}")
    return " ".join(filter(None, [str(status), name, message, f"({'; '.join(aside)})" if aside else ""]))


def is_untrusted_certificate(problem: Exception) -> bool:
    """Return whether a connection failed because the server's certificate is not trusted: no retry will help."""
    return any(isinstance(each, ssl.SSLCertVerificationError) for each in _causes(problem))


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    while problem is not None:
        yield problem
        problem = problem.__cause__ or problem.__context__


def _connection_advice(problem: Exception) -> str:
    if isinstance(problem, httpcore.ProxyError):
        return "the proxy refused; check HTTPS_PROXY and NO_PROXY"
    if is_untrusted_certificate(problem):
        return (
            "its certificate is not trusted; where a company proxy re-signs TLS, give its certificates with "
            "veza:caBundle (VEZA_CA_BUNDLE)"
        )
    if any(isinstance(each, ssl.SSLError) for each in _causes(problem)):
        return (
            "what answers there speaks no TLS that can be used; check veza:url (VEZA_URL) and its port (without a "
            "scheme it means https; on this machine http:// may be written)"
        )
    if any(isinstance(each, socket.gaierror) for each in _causes(problem)):
        return "there is no such host name; check veza:url (VEZA_URL) and the network"
    return "check veza:url (VEZA_URL), the network and, behind a proxy, HTTPS_PROXY"
