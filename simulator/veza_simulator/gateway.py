"""What every request to the simulated API passes through: log, faults, authentication, error bodies."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from veza_simulator import connection
from veza_simulator.clock import now
from veza_simulator.faults import Fault, FaultRule, Faults
from veza_simulator.keys import Keys
from veza_simulator.lists import ListFault
from veza_simulator.problems import RefusedRequestError, error_body, rpc_error_body
from veza_simulator.request_log import Entry, RequestLog
from veza_simulator.tenant import Tenant

WITHOUT_BODY = frozenset({204, 205, 304})


def encoded_path(scope: Scope) -> str:
    """Return the path for the routes to match: encoded, as an id may hold a slash, and always in the same way."""
    segments = scope["raw_path"].decode("ascii").split("/")
    return "/".join(quote(unquote(segment), safe=":") for segment in segments)


@dataclass
class Answer:
    """A whole response, before it is sent."""

    status: int = 500
    headers: MutableHeaders = field(default_factory=MutableHeaders)
    body: bytes = b""

    async def collect(self, message: Message) -> None:
        """Collect a message that an application sends."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = MutableHeaders(raw=list(message["headers"]))
        else:
            self.body += message.get("body", b"")

    def start(self) -> Message:
        """Return the message that starts the response."""
        self.headers["content-length"] = str(len(self.body))
        return {"type": "http.response.start", "status": self.status, "headers": self.headers.raw}

    async def send(self, send: Send) -> None:
        """Send the response."""
        await send(self.start())
        await send({"type": "http.response.body", "body": self.body})


class Gateway:
    """The ASGI application around the documented endpoints."""

    def __init__(self, endpoints: ASGIApp, tenant: Tenant, keys: Keys, log: RequestLog, faults: Faults) -> None:
        self._endpoints = endpoints
        self._tenant = tenant
        self._keys = keys
        self._log = log
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Log the request, apply a fault, carry the request out."""
        body = await _whole_body(receive)
        request_id = str(uuid.uuid4())
        path = encoded_path(scope)
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        headers = dict(Headers(scope=scope))
        entry = self._log.begin(scope["method"], unquote(path), query, headers, body, request_id)
        rpc = self._tenant.quirks.rpc_errors
        scope = {**scope, "path": path, "simulator.request_id": request_id, "simulator.rpc_errors": rpc}
        fault = self._faults.take(entry.method, entry.path, body)
        if fault is None:
            answer = await self._carry_out(scope, body, request_id)
            entry.finish(answer.status)
            await answer.send(send)
            return
        entry.fault = fault.id
        await self._faults.changed()
        await self._faulty(_Exchange(scope, receive, send, body, entry), fault)

    async def _faulty(self, exchange: _Exchange, fault: Fault) -> None:
        rule = fault.rule
        if rule.delay:
            await asyncio.sleep(rule.delay)
        if rule.hold == "before_commit" and not await self._faults.hold(fault):
            await exchange.reset()
            return
        if rule.reset == "before_commit":
            await exchange.reset()
            return
        answer = Answer()
        if rule.status is None or rule.status_when == "after_commit":
            scope = {**exchange.scope, **_inside_the_handler(rule)}
            answer = await self._carry_out(scope, exchange.body, exchange.entry.request_id)
        if rule.hold == "after_commit" and not await self._faults.hold(fault):
            await exchange.reset()
            return
        if rule.reset == "after_commit":
            await exchange.reset()
            return
        if rule.status is not None:
            problem = RefusedRequestError(rule.status, "the simulator was told to answer this")
            answer = error_answer(problem, exchange.scope)
            _put_body(answer, rule.answer)
        _spoil(answer, rule)
        exchange.entry.finish(answer.status)
        if rule.reset == "mid_body":
            await connection.send_half_then_close(
                exchange.scope, exchange.receive, exchange.send, dict(answer.start()), answer.body
            )
            return
        await answer.send(exchange.send)

    async def _carry_out(self, scope: Scope, body: bytes, request_id: str) -> Answer:
        answer = Answer()

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        try:
            key = self._keys.authenticated(Headers(scope=scope).get("authorization", ""))
            key.check(scope["method"])
            await self._endpoints({**scope, "simulator.key": key}, receive, answer.collect)
        except RefusedRequestError as problem:
            answer = error_answer(problem, scope)
        answer.headers["x-request-id"] = request_id
        return answer


@dataclass(frozen=True)
class _Exchange:
    """One request with its connection."""

    scope: Scope
    receive: Receive
    send: Send
    body: bytes
    entry: Entry

    async def reset(self) -> None:
        self.entry.finish(None)
        await connection.reset(self.scope, self.receive)


def error_answer(problem: RefusedRequestError, scope: Scope) -> Answer:
    """Return an error response, in the form that is switched on."""
    request_id = scope.get("simulator.request_id", "")
    rpc = scope.get("simulator.rpc_errors", False)
    body = rpc_error_body(problem) if rpc else error_body(problem, request_id, now())
    headers = {"content-type": "application/json", "x-request-id": request_id}
    return Answer(problem.status, MutableHeaders(headers), json.dumps(body).encode())


def _inside_the_handler(rule: FaultRule) -> dict[str, Any]:
    fault = ListFault(stale=rule.stale, empty_page=rule.empty_page, endless=rule.endless, duplicates=rule.duplicates)
    return {"simulator.list_fault": fault, "simulator.failing_members": rule.fail_members}


def _put_body(answer: Answer, body: Any) -> None:
    if isinstance(body, str):
        answer.body = body.encode()
        answer.headers["content-type"] = "text/plain; charset=utf-8"
    elif body is not None:
        answer.body = json.dumps(body).encode()
    if answer.status in WITHOUT_BODY:
        answer.body = b""


def _spoil(answer: Answer, rule: FaultRule) -> None:
    if rule.retry_after is not None:
        answer.headers["retry-after"] = str(rule.retry_after)
    for name, value in rule.headers.items():
        answer.headers[name] = value
    if rule.body_fault == "truncated":
        answer.body = answer.body[: len(answer.body) // 2]
    elif rule.body_fault == "not_json":
        answer.body = b"<html><body><h1>Service temporarily unavailable</h1></body></html>"
    elif rule.body_fault == "empty":
        answer.body = b""
    if rule.body_fault in {"not_json", "wrong_content_type"}:
        answer.headers["content-type"] = "text/html; charset=utf-8"


async def _whole_body(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body
