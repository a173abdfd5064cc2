"""One HTTP connection pool to the tenant: authentication, retries and the translation of failures into our errors.

`Transport.request` is the retry policy; `Transport._attempt` sends once and says of its failure whether another try may
cure it. No exception of the HTTP library ever leaves this module, for those carry the request with its headers.
"""

from __future__ import annotations

import email.utils
import html
import importlib.metadata
import json as jsonlib
import logging
import math
import socket
import ssl
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, NoReturn
from urllib.parse import quote, urlsplit

import httpx
import tenacity

from pulumi_veza import errors
from pulumi_veza.settings import Settings

MAX_ANSWER_BYTES: Final = 64 * 2**20
"""An answer larger than this is refused rather than read into memory."""

MAX_RETRY_AFTER: Final = 60.0
"""Seconds up to which ``Retry-After`` is honoured; a longer one is treated like one that cannot be read."""

_MAX_ERROR_BYTES: Final = 2**20
_MAX_ERROR_TEXT: Final = 300
_MAX_DETAILS: Final = 5
_BACKOFF: Final = tenacity.wait_random_exponential(multiplier=0.5, max=8)
_SERVER_ERRORS: Final = 500
_RETRIED_STATUSES: Final = frozenset({500, 502, 503, 504})

_ERROR_BY_STATUS: Final[Mapping[int, type[errors.ApiError]]] = {
    400: errors.InvalidRequest,
    401: errors.AuthenticationFailed,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    409: errors.Conflict,
    422: errors.InvalidRequest,
    429: errors.RateLimited,
}


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    params: Mapping[str, Any]
    body: bytes | None
    idempotent: bool
    what: str
    deadline: float

    @property
    def changes(self) -> bool:
        return self.method != "GET"


@dataclass(frozen=True)
class _Answer:
    value: Any


@dataclass(frozen=True)
class _Failure:
    error: errors.VezaError
    curable: bool
    """Whether the same request, sent again, may succeed without being carried out twice."""
    retry_after: float | None = None


@dataclass
class _Pacing:
    """Hands out moments to send at, evenly spaced over all threads."""

    interval: float
    clock: Callable[[], float]
    _next: float = field(default=-math.inf, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def reserve(self) -> float:
        """Reserve the next free moment and return how many seconds away it is."""
        if not self.interval:
            return 0.0
        with self._lock:
            now = self.clock()
            moment = max(now, self._next)
            self._next = moment + self.interval
        return moment - now


@dataclass(frozen=True)
class _ErrorBody:
    code: str | None = None
    message: str | None = None
    details: tuple[str, ...] = ()
    request_id: str | None = None


class Transport:
    """Sends requests to one tenant. May be used by many threads at once.

    Args:
        settings: The tenant, the API key and the limits.
        sleep: Waits for so many seconds.
        clock: Seconds on a clock that never goes back.

    Raises:
        SettingsError: the CA bundle cannot be read, or a proxy named in the environment cannot be used.

    """

    def __init__(
        self,
        settings: Settings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self._sleep = sleep
        self._clock = clock
        self._pacing = _Pacing(1 / settings.requests_per_second if settings.requests_per_second else 0.0, clock)
        self._secrets = _forms_of(settings.api_key)
        # At DEBUG, httpcore logs the headers of every answer, and a server may echo what it was sent.
        logging.getLogger("httpcore").setLevel(logging.INFO)
        self._http = _open(settings)

    def close(self) -> None:
        """Close every connection; requests after this fail."""
        self._http.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int | bool | None] | None = None,
        json: object = None,
        idempotent: bool,
        what: str,
    ) -> Any:
        """Send a request, again where that is safe and may help, and return the JSON of the answer.

        Args:
            method: ``GET``, ``POST``, ``PATCH`` or ``PUT``.
            path: The path, percent-encoded.
            params: The query; what is ``None`` is left out.
            json: The body.
            idempotent: Whether carrying it out twice is the same as once. Without it, the request is sent again only
                where it certainly was not carried out.
            what: What is being done to what, for errors, such as ``creating access profile "Developer"``.

        Raises:
            RefusedError: the body is not JSON (a NaN, say); nothing was sent.
            RequestError: no usable answer arrived.
            ApiError: the API answered with an error status.

        """
        self._sleep_if_needed(self._pacing.reserve())
        request = _Request(
            method=method,
            path=path,
            params={name: value for name, value in (params or {}).items() if value is not None},
            body=None if json is None else _encode(json, what),
            idempotent=idempotent,
            what=what,
            deadline=self._clock() + self.settings.deadline,
        )
        attempts: list[_Failure] = []

        def attempt() -> _Answer | _Failure:
            outcome = self._attempt(request)
            if isinstance(outcome, _Failure):
                attempts.append(outcome)
            return outcome

        outcome = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda result: isinstance(result, _Failure) and result.curable),
            wait=self._pause,
            stop=lambda state: (
                state.attempt_number > self.settings.max_retries
                or self._clock() + state.upcoming_sleep >= request.deadline
            ),
            sleep=self._sleep_if_needed,
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )(attempt)
        if isinstance(outcome, _Answer):
            return outcome.value
        raise self._final_error(request, attempts)

    def _sleep_if_needed(self, seconds: float) -> None:
        if seconds > 0:
            self._sleep(seconds)

    def _pause(self, state: tenacity.RetryCallState) -> float:
        failure = state.outcome.result() if state.outcome else None
        asked = failure.retry_after if isinstance(failure, _Failure) else None
        pause = _BACKOFF(state) if asked is None else asked
        return max(pause, self._pacing.reserve())

    def _final_error(self, request: _Request, attempts: list[_Failure]) -> errors.VezaError:
        error = attempts[-1].error
        # The last attempt may have failed before it was sent, but an earlier one may have been carried out.
        error.maybe_done = request.changes and any(each.error.maybe_done for each in attempts)
        if len(attempts) > 1:
            error.args = (f"{error.args[0]} ({len(attempts)} attempts)", *error.args[1:])
        return error

    def _attempt(self, request: _Request) -> _Answer | _Failure:
        """Send the request once."""
        seconds = min(self.settings.timeout, max(request.deadline - self._clock(), 0.001))
        expires = self._clock() + seconds
        content_type = {} if request.body is None else {"Content-Type": "application/json"}
        response = None
        try:
            with self._http.stream(
                request.method,
                self.settings.url + request.path,
                params=request.params,
                content=request.body,
                headers=content_type,
                timeout=seconds,
            ) as response:
                if response.status_code in range(200, 300):
                    return self._read_answer(request, response, expires)
                return self._read_error(request, response, expires)
        except httpx.RequestError as problem:
            return self._lost(request, problem)
        except httpx.InvalidURL as problem:
            error: errors.VezaError = errors.RefusedError(
                f"{request.what} was not sent: its address is not valid ({self._clean(str(problem))})"
            )
            return _Failure(error, curable=False)

    def _read_answer(self, request: _Request, response: httpx.Response, expires: float) -> _Answer | _Failure:
        problem = ""
        kind = response.headers.get("content-type", "")
        try:
            body = self._read(response, MAX_ANSWER_BYTES, expires)
            if len(body) > MAX_ANSWER_BYTES:
                problem = f"is larger than {MAX_ANSWER_BYTES // 2**20} MB"
            elif not body:
                problem = "is empty"
            elif kind and "json" not in kind.lower():
                problem = f"is {self._clean(kind)}, not JSON"
            else:
                return _Answer(jsonlib.loads(body, parse_constant=_refuse_number, parse_float=_finite))
        except (ValueError, RecursionError):
            problem = "is not readable JSON"
        error = errors.UnexpectedAnswer(
            f"{request.what} failed: the answer ({response.status_code}) {problem}: check that "
            f"{self.settings.url} (veza:url) is the tenant's own address and that no proxy answers in its place"
        )
        return _Failure(error, curable=request.idempotent)

    def _read(self, response: httpx.Response, limit: int, expires: float) -> bytes:
        """Read the body, up to a little more than ``limit`` bytes, and for no longer than the request may take."""
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > limit:
                break
            if self._clock() > expires:
                raise httpx.ReadTimeout("the answer did not end in time", request=response.request)
        return bytes(body)

    def _read_error(self, request: _Request, response: httpx.Response, expires: float) -> _Failure:
        status = response.status_code
        if response.is_redirect:
            return _Failure(errors.UnexpectedAnswer(self._redirected(request, response)), curable=False)
        try:
            content = self._read(response, _MAX_ERROR_BYTES, expires)
        except httpx.RequestError:
            content = b""  # The status alone says enough.
        body = self._parse_error(content, response.headers)
        error = _ERROR_BY_STATUS.get(status, errors.ServerError if status >= _SERVER_ERRORS else errors.ApiError)(
            f"{request.what} failed: {self._describe(status, body)}: {self._advice(status, request)}",
            status=status,
            code=body.code,
            message=body.message,
            details=body.details,
            request_id=body.request_id,
        )
        curable = status == HTTPStatus.TOO_MANY_REQUESTS or (request.idempotent and status in _RETRIED_STATUSES)
        return _Failure(error, curable, _retry_after(response.headers.get("retry-after")))

    def _redirected(self, request: _Request, response: httpx.Response) -> str:
        target = urlsplit(str(response.next_request.url)) if response.next_request else None
        to = f" to {self._clean(f'{target.scheme}://{target.hostname}')}" if target and target.hostname else ""
        return (
            f"{request.what} failed: {response.status_code}, a redirect{to}: redirects are not followed, so that the "
            f"API key goes nowhere else; set veza:url (VEZA_URL) to the tenant's own address"
        )

    def _describe(self, status: int, body: _ErrorBody) -> str:
        name = body.code or next((each.phrase for each in HTTPStatus if each == status), "")
        told = [f'"{body.message}"'] if body.message else []
        aside = [*body.details, *([f"request id {body.request_id}"] if body.request_id else [])]
        return " ".join([str(status), *([name] if name else []), *told, *([f"({'; '.join(aside)})"] if aside else [])])

    def _advice(self, status: int, request: _Request) -> str:
        settings = self.settings
        if status == HTTPStatus.UNAUTHORIZED:
            return (
                f"the API key (from {settings.api_key_origin}) is not valid for {settings.url}; create or renew it in "
                "Administration > API Keys. Refresh and destroy use the configuration stored in the state unless "
                "VEZA_API_KEY is set or --run-program is given"
            )
        if status >= _SERVER_ERRORS and not request.idempotent:
            return "it may have been carried out all the same, so it was not sent again; look before you repeat it"
        if status >= _SERVER_ERRORS:
            return "the API failed by itself; try again later"
        return {
            400: "correct what the API names",
            403: "give the owner of the API key the right to manage Lifecycle Management, or use another key",
            404: f"it is not in {settings.url} (any more); run `pulumi refresh`, or check veza:url (VEZA_URL)",
            409: "it exists already, or somebody else changed it just now; run `pulumi refresh` and try again",
            422: "correct what the API names",
            429: "the API's rate limit; try again later, or lower veza:requestsPerSecond (VEZA_REQUESTS_PER_SECOND)",
        }.get(status, f"the API refused it; check that {settings.url} (veza:url) is the tenant's own address")

    def _parse_error(self, content: bytes, headers: httpx.Headers) -> _ErrorBody:
        text = content.decode("utf-8", errors="replace")
        try:
            parsed = jsonlib.loads(text)
        except (ValueError, RecursionError):
            parsed = text
        if isinstance(parsed, dict) and isinstance(parsed.get("error"), dict):
            parsed = parsed["error"]
        header_id = headers.get("x-request-id")
        if not isinstance(parsed, dict):
            return _ErrorBody(
                message=self._text(parsed if isinstance(parsed, str) else text), request_id=self._text(header_id)
            )
        details = parsed.get("details")
        listed = details if isinstance(details, list) else [details]
        return _ErrorBody(
            code=self._text(parsed.get("code")),
            message=self._text(parsed.get("message") or parsed.get("error")),
            details=tuple(filter(None, map(self._text, listed[:_MAX_DETAILS]))),
            request_id=self._text(parsed.get("request_id") or header_id),
        )

    def _text(self, value: object) -> str | None:
        """Give a value of an error body as clean text, or ``None`` where there is nothing to say."""
        if value is None or value in ("", [], {}):
            return None
        try:
            text = value if isinstance(value, str) else jsonlib.dumps(value, ensure_ascii=False)
        except RecursionError:
            return None
        return self._clean(text) or None

    def _clean(self, text: str) -> str:
        """Make foreign text fit for one line of an error: no control characters, no API key, of a sane length."""
        kept = (" " if unicodedata.category(each)[0] in "CZ" else each for each in text)
        line = " ".join("".join(kept).split())
        for secret in self._secrets:
            line = line.replace(secret, "[API key]")
        return line if len(line) <= _MAX_ERROR_TEXT else f"{line[:_MAX_ERROR_TEXT]}..."

    def _lost(self, request: _Request, problem: httpx.RequestError) -> _Failure:
        """Tell a request that never reached the server from one whose answer was lost."""
        causes = list(_causes(problem))
        reason = self._clean(str(problem)) or type(problem).__name__
        if isinstance(problem, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError):
            certificate = any(isinstance(each, ssl.SSLCertVerificationError) for each in causes)
            error: errors.RequestError = errors.ConnectionFailed(
                f"{request.what} failed: no connection to {self.settings.url} ({reason}): "
                f"{_connection_advice(problem, causes)}"
            )
            return _Failure(error, curable=not certificate)
        if isinstance(problem, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
            return _Failure(errors.ConnectionFailed(f"{request.what} was not sent: {reason}"), curable=False)
        advice = "it may have been carried out all the same; look before you repeat it"
        error = errors.AnswerLost(
            f"{request.what} failed: {self.settings.url} gave no answer ({reason}): "
            f"{advice if request.changes else 'try again later, or raise veza:timeout (VEZA_TIMEOUT)'}"
        )
        return _Failure(error, curable=request.idempotent)


def _open(settings: Settings) -> httpx.Client:
    verify: ssl.SSLContext | bool = True
    if settings.ca_bundle is not None:
        verify = _trusting(Path(settings.ca_bundle).expanduser())
    try:
        return httpx.Client(
            headers={
                "Accept": "application/json",
                "Authorization": f"Bearer {settings.api_key}",
                "User-Agent": f"pulumi-veza/{_version()}",
            },
            verify=verify,
            follow_redirects=False,
            http2=False,
            # Plain http goes to this machine only, and must not take the API key to a proxy on the way.
            trust_env=settings.url.startswith("https://"),
        )
    except (ValueError, ImportError, OSError) as problem:
        reason = str(problem)
    raise errors.SettingsError(
        f"a connection could not be prepared: {reason}: check HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE"
    )


def _trusting(bundle: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(
            cafile=None if bundle.is_dir() else str(bundle), capath=str(bundle) if bundle.is_dir() else None
        )
    except OSError as problem:  # Also what the certificates' parser raises.
        reason = problem.strerror or str(problem)
    raise errors.SettingsError(
        f"veza:caBundle (VEZA_CA_BUNDLE) cannot be used: {bundle}: {reason}; give a file or folder of PEM certificates"
    )


def _version() -> str:
    try:
        return importlib.metadata.version("pulumi-veza")
    except importlib.metadata.PackageNotFoundError:
        return "source"


def _encode(json: object, what: str) -> bytes:
    try:
        return jsonlib.dumps(json, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (ValueError, TypeError, RecursionError) as problem:
        # A UnicodeEncodeError would repeat the whole body.
        reason = "text that is not valid Unicode" if isinstance(problem, UnicodeEncodeError) else str(problem)
    raise errors.RefusedError(f"{what} was not sent, because it holds what JSON cannot say: {reason}")


def _refuse_number(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _retry_after(header: str | None) -> float | None:
    """Read ``Retry-After``, in seconds or as a date; ``None`` where it asks for nothing that makes sense."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            moment = email.utils.parsedate_to_datetime(header)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        seconds = (moment - datetime.now(timezone.utc)).total_seconds()
    return seconds if 0 < seconds <= MAX_RETRY_AFTER else None


def _forms_of(secret: str) -> tuple[str, ...]:
    """Give the ways in which an echo may spell a secret, the longest first."""
    forms = {secret, quote(secret, safe=""), html.escape(secret), jsonlib.dumps(secret)[1:-1]}
    return tuple(sorted(forms, key=len, reverse=True))


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    while problem is not None:
        yield problem
        problem = problem.__cause__ or problem.__context__


def _connection_advice(problem: httpx.RequestError, causes: list[BaseException]) -> str:
    if isinstance(problem, httpx.ProxyError):
        return "the proxy refused; check HTTPS_PROXY and NO_PROXY"
    if any(isinstance(each, ssl.SSLCertVerificationError) for each in causes):
        return (
            "its certificate is not trusted; where a company proxy re-signs TLS, give its certificates with "
            "veza:caBundle (VEZA_CA_BUNDLE)"
        )
    if any(isinstance(each, socket.gaierror) for each in causes):
        return "there is no such host name; check veza:url (VEZA_URL) and the network"
    return "check veza:url (VEZA_URL), the network and, behind a proxy, HTTPS_PROXY"
