"""The simulator as one ASGI application: the documented API, and the control API beside it."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from veza_simulator.control import control_routes
from veza_simulator.faults import Faults
from veza_simulator.gateway import Gateway, encoded_path, error_answer
from veza_simulator.keys import Keys, Tokens
from veza_simulator.problems import RefusedRequestError
from veza_simulator.request_log import RequestLog
from veza_simulator.routes import documented_routes
from veza_simulator.store import Store
from veza_simulator.tenant import Tenant

CONTROL = "/_simulator"


class Simulator:
    """A tenant that can be served: ``tenant`` is what it holds, ``faults`` the rules in force."""

    def __init__(self, tokens: Tokens, database: Path | None = None) -> None:
        self.tenant = Tenant(Store(database))
        self.faults = Faults()
        log = RequestLog()
        keys = Keys(tokens, self.tenant.store)
        endpoints = _application(documented_routes(self.tenant))
        self._api: ASGIApp = Gateway(endpoints, self.tenant, keys, log, self.faults)
        self._control: ASGIApp = _application(control_routes(CONTROL, self.tenant, keys, log, self.faults))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            raise ValueError(f"the simulator serves HTTP, not {scope['type']}")
        is_control = scope["path"] == CONTROL or scope["path"].startswith(f"{CONTROL}/")
        if is_control:
            await self._control({**scope, "path": encoded_path(scope)}, receive, send)
        else:
            await self._api(scope, receive, send)


def _application(routes: list[Route]) -> Starlette:
    application = Starlette(routes=routes, exception_handlers={HTTPException: _refused, RefusedRequestError: _problem})
    application.router.redirect_slashes = False
    return application


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    messages = {404: f"there is no endpoint {request.url.path}", 405: f"{request.method} is not documented here"}
    message = messages.get(error.status_code, error.detail)
    return _response(request, RefusedRequestError(error.status_code, message))


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedRequestError)  # noqa: S101 - what it is registered for
    return _response(request, error)


def _response(request: Request, problem: RefusedRequestError) -> Response:
    answer = error_answer(problem, request.scope)
    return Response(answer.body, problem.status, answer.headers)
