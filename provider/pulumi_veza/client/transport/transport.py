"""The connection pool and the retry policy.

`Transport.request` is the policy; `Transport._attempt` sends once and decides whether a failure is retryable.
"""

from __future__ import annotations

import email.utils
import json as jsonlib
import logging
import math
import time
import weakref
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from http import HTTPStatus
from itertools import chain
from typing import Any, Final, NoReturn

import httpcore
import httpx
import tenacity

from pulumi_veza.client.address import refuse_other_address
from pulumi_veza.client.settings import Settings
from pulumi_veza.client.transport.connections import Connections, body_of, headers_of
from pulumi_veza.client.transport.deadline import AttemptDeadline, BoundedBackend
from pulumi_veza.client.transport.logs import redact_in_logs, stop_redacting
from pulumi_veza.client.transport.messages import ErrorMessages, is_untrusted_certificate
from pulumi_veza.client.transport.pacing import Pacing
from pulumi_veza.errors import (
    AuthenticationError,
    ConnectionFailedError,
    RateLimitError,
    RefusedError,
    VezaError,
)

MAX_RESPONSE_BYTES: Final = 64 * 2**20
"""A larger response is refused rather than read into memory."""

MAX_RETRY_AFTER: Final = 60.0
"""The longest ``Retry-After`` in seconds that is honoured; a longer one is ignored like an unreadable one."""

_MAX_ERROR_BYTES: Final = 2**20
_log: Final = logging.getLogger(__name__)
_BACKOFF: Final = tenacity.wait_random_exponential(multiplier=0.5, max=8)
_RETRIED_STATUSES: Final = frozenset({500, 502, 503, 504})
_NEVER_SENT: Final = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout, httpcore.ProxyError)
# UnicodeError is what a host name that only looks like an internationalised one (xn--...) ends in.
_NOT_SENDABLE: Final = (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol, httpx.InvalidURL, UnicodeError)
_LOST: Final = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, zlib.error)


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    params: Mapping[str, Any]
    body: bytes | None
    idempotent: bool
    what: str
    not_found: str | None
    deadline: float

    @property
    def changes(self) -> bool:
        return self.method != "GET"


@dataclass(frozen=True)
class _Success:
    value: Any


@dataclass(frozen=True)
class _Failure:
    error: VezaError
    retryable: bool
    """Whether the same request may be sent again: it may succeed, and is not carried out twice."""
    retry_after: float | None = None


class Transport:
    """Sends requests to one tenant. Thread-safe.

    Args:
        settings: The tenant, the API key and the limits.
        give_up_for: Seconds for which the circuit breaker stays open once the tenant could not be reached or refused
            the key: every request fails at once, as each resource of a run would otherwise wait for the same failure.
        sleep: Wait for a number of seconds.
        clock: Return the seconds of a monotonic clock.
        observe: Called with the status and the headers of every response, before its body is read.

    Raises:
        SettingsError: the CA bundle cannot be read, a proxy named in the environment cannot be used, or
            ``VEZA_ONLY_URL`` allows another address alone.

    """

    def __init__(
        self,
        settings: Settings,
        *,
        give_up_for: float = 0.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        observe: Callable[[int, Mapping[str, str]], None] | None = None,
    ) -> None:
        refuse_other_address(settings.url)
        self.settings = settings
        self._observe = observe
        self._give_up_for = give_up_for
        self._circuit_open: tuple[VezaError, float] | None = None
        self._sleep = sleep
        self._clock = clock
        self._messages = ErrorMessages(settings)
        self._pacing = Pacing(1 / settings.requests_per_second if settings.requests_per_second else 0.0, clock)
        redact_in_logs(self._messages)
        self._attempt_deadline = AttemptDeadline(clock)
        self._connections = Connections(settings, BoundedBackend(self._attempt_deadline))
        # A session that is replaced by another one is not closed: a thread may still be using it.
        weakref.finalize(self, self._connections.close).atexit = False

    def close(self) -> None:
        """Close every connection; afterwards nothing can be sent."""
        self._connections.close()
        stop_redacting(self._messages)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int | bool | None] | None = None,
        json: object = None,
        idempotent: bool,
        what: str,
        not_found: str | None = None,
    ) -> Any:
        """Send a request, retry where that is safe and may help, and return the JSON of the response.

        Args:
            method: ``GET``, ``POST``, ``PATCH`` or ``PUT``.
            path: The path, percent-encoded.
            params: The query; what is ``None`` is left out.
            json: The body.
            idempotent: Whether twice has the effect of once; else it is retried only where it was not carried out.
            what: The operation and its object, for errors, such as ``creating access profile "Developer"``.
            not_found: The advice of a 404, where it is not that for the object of a resource.

        Raises:
            RefusedError: the body is not JSON (a NaN, say); nothing was sent.
            RequestError: no usable response arrived.
            ApiError: the API responded with an error status.

        """
        what = self._messages.clean(what)
        self._raise_if_circuit_open(what)
        body = None if json is None else _encode(json, what)
        self._await_turn()
        request = _Request(
            method=method,
            path=path,
            params={name: value for name, value in (params or {}).items() if value is not None},
            body=body,
            idempotent=idempotent,
            what=what,
            not_found=not_found,
            deadline=self._clock() + self.settings.deadline,
        )
        failures: list[_Failure] = []

        def attempt() -> _Success | _Failure:
            sent_at = self._clock()
            outcome = self._attempt(request)
            if isinstance(outcome, _Success):
                self._pacing.succeeded()
            else:
                failures.append(outcome)
                if isinstance(outcome.error, RateLimitError):
                    self._pacing.refused(sent_at, outcome.retry_after or 0.0)
            return outcome

        first = attempt()
        if isinstance(first, _Success):
            return first.value
        attempts = chain([first], iter(attempt, None))
        outcome = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda result: isinstance(result, _Failure) and result.retryable),
            wait=lambda state: self._pause(state, failures[-1]),
            stop=lambda state: self._is_enough(state, request),
            sleep=self._wait,
            retry_error_callback=lambda _: failures[-1],
        )(lambda: next(attempts))
        if isinstance(outcome, _Success):
            return outcome.value
        error = _final_error(request, failures)
        if isinstance(error, (ConnectionFailedError, AuthenticationError)):
            self._circuit_open = (error, self._clock() + self._give_up_for)
        raise error

    def _raise_if_circuit_open(self, what: str) -> None:
        if self._circuit_open and self._clock() < self._circuit_open[1]:
            earlier = self._circuit_open[0]
            raise _again(earlier, f"{what} was not tried: {earlier}")

    def _await_turn(self) -> None:
        """Wait until this thread may send its first attempt; the deadline begins only then."""
        self._wait(self._pacing.reserve())
        while self._pacing.is_held:
            self._wait(self._pacing.reserve())

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self._sleep(seconds)

    def _pause(self, state: tenacity.RetryCallState, failure: _Failure) -> float:
        pause = _BACKOFF(state) if failure.retry_after is None else failure.retry_after
        return max(pause, self._pacing.reserve())

    def _is_enough(self, state: tenacity.RetryCallState, request: _Request) -> bool:
        retried_enough = state.attempt_number > self.settings.max_retries
        return retried_enough or self._clock() + state.upcoming_sleep >= request.deadline

    def _attempt(self, request: _Request) -> _Success | _Failure:
        """Send the request once."""
        seconds = min(self.settings.timeout, max(request.deadline - self._clock(), 0.001))
        try:
            with (
                self._attempt_deadline.at(self._clock() + seconds),
                self._connections.stream(
                    request.method, request.path, request.params, request.body, seconds
                ) as response,
            ):
                _log.info("%s %s: %d", request.method, request.path, response.status)
                headers = headers_of(response)
                if self._observe:
                    self._observe(response.status, httpx.Headers(headers))
                if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
                    return self._read_success(request, response, headers)
                return self._read_error(request, response, headers)
        except _NEVER_SENT as problem:
            retryable = not is_untrusted_certificate(problem)
            return _Failure(self._messages.not_connected(request.what, problem), retryable)
        except _NOT_SENDABLE as problem:
            return _Failure(self._messages.not_sent(request.what, problem), retryable=False)
        except _LOST as problem:
            lost = self._messages.lost(request.what, problem, changing=request.changes)
            return _Failure(lost, retryable=request.idempotent)

    def _read_success(
        self, request: _Request, response: httpcore.Response, headers: Mapping[str, str]
    ) -> _Success | _Failure:
        kind = headers.get("content-type", "")
        body = body_of(response, headers.get("content-encoding", ""), MAX_RESPONSE_BYTES)
        if len(body) > MAX_RESPONSE_BYTES:
            problem = f"is larger than {MAX_RESPONSE_BYTES // 2**20} MB"
        elif not body:
            problem = "is empty"
        elif kind and "json" not in kind.lower():
            problem = f"is {kind}, not JSON"
        else:
            try:
                return _Success(_decode(body))
            except (ValueError, RecursionError):
                problem = "is not readable JSON"
        error = self._messages.unreadable(request.what, response.status, problem)
        return _Failure(error, retryable=request.idempotent)

    def _read_error(self, request: _Request, response: httpcore.Response, headers: Mapping[str, str]) -> _Failure:
        status = response.status
        if status < HTTPStatus.BAD_REQUEST:
            location = headers.get("location", "")
            return _Failure(self._messages.redirected(request.what, status, location), retryable=False)
        try:
            content = body_of(response, headers.get("content-encoding", ""), _MAX_ERROR_BYTES)
        except _LOST:
            content = b""  # The status alone says enough.
        error = self._messages.refused(
            request.what, status, content, headers, idempotent=request.idempotent, not_found=request.not_found
        )
        retryable = status == HTTPStatus.TOO_MANY_REQUESTS or (request.idempotent and status in _RETRIED_STATUSES)
        return _Failure(error, retryable, _retry_after(headers.get("retry-after")))


def _final_error(request: _Request, failures: list[_Failure]) -> VezaError:
    error = failures[-1].error
    # The last attempt may have failed before it was sent, but an earlier one may have been carried out.
    error.maybe_done = request.changes and any(each.error.maybe_done for each in failures)
    if len(failures) > 1:
        error.args = (f"{error.args[0]} ({len(failures)} attempts)",)
    return error


def _again(earlier: VezaError, text: str) -> VezaError:
    """Return an error of the same class and with the same API details, for a request that was not sent."""
    error = type(earlier).__new__(type(earlier))
    error.__dict__.update(earlier.__dict__)
    error.args = (text,)
    error.maybe_done = False
    return error


def _encode(json: object, what: str) -> bytes:
    try:
        return jsonlib.dumps(json, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # Its own text would repeat the whole body.
        reason = "text that is not valid Unicode"
    except (ValueError, TypeError, RecursionError) as problem:
        reason = str(problem)
    raise RefusedError(f"{what} was not sent, because JSON cannot hold it: {reason}; correct the value")


def _decode(body: bytes) -> Any:
    value = jsonlib.loads(body, parse_constant=_not_json, parse_float=_finite)
    if b"\\u" in body:
        # Half of a surrogate pair can be written so, but is no text that could be kept or sent anywhere.
        jsonlib.dumps(value, ensure_ascii=False).encode()
    return value


def _not_json(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _retry_after(header: str | None) -> float | None:
    """Parse ``Retry-After``, seconds or a date; return ``None`` where it is absent, unreadable or out of range."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            moment = email.utils.parsedate_to_datetime(header)
        except (ValueError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        seconds = (moment - datetime.now(timezone.utc)).total_seconds()
    return seconds if 0 < seconds <= MAX_RETRY_AFTER else None
