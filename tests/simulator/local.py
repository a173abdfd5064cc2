"""The simulator inside the test's own process, with the same helpers as one in a process of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx

from tests.support.tenant import TOKEN, Json, Tenant
from veza_simulator.app import Simulator
from veza_simulator.keys import Tokens

READ_ONLY = "reading-key"


class InProcess(httpx.BaseTransport):
    """Calls an ASGI application instead of a server."""

    def __init__(self, application: Any, host: str) -> None:
        self._application = application
        self._host = host
        self._loop = asyncio.new_event_loop()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path, _, query = request.url.raw_path.partition(b"?")
        scope = {
            "type": "http",
            "method": request.method,
            "path": request.url.path,
            "raw_path": path,
            "query_string": query,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "client": (self._host, 50000),
            "server": ("testserver", 80),
            "scheme": "http",
            "http_version": "1.1",
        }
        body = request.read()
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        self._loop.run_until_complete(self._application(scope, receive, send))
        content = b"".join(message.get("body", b"") for message in sent[1:])
        return httpx.Response(sent[0]["status"], headers=sent[0]["headers"], content=content)

    def close(self) -> None:
        self._loop.close()


class LocalTenant(Tenant):
    """A tenant without a process; ``host`` is where its caller seems to be."""

    def __init__(self, database: Path | None = None, host: str = "127.0.0.1") -> None:
        self.simulator = Simulator(Tokens(TOKEN, READ_ONLY), database)
        self.token = TOKEN
        self.url = "http://testserver"
        self._process = None
        self._http = httpx.Client(transport=InProcess(self.simulator, host))

    def close(self) -> None:
        super().close()
        self.simulator.tenant.store.close()

    def ok(self, method: str, path: str, json: Json | None = None, /, **params: str) -> Json:
        """Return the body of a call that must succeed."""
        answer = self.api(method, path, json=json, params=params)
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    def refused(self, status: int, method: str, path: str, json: Json | None = None, /, **params: str) -> str:
        """Return the message of a call that must be refused with ``status``; check the shape of its error."""
        answer = self.api(method, path, json=json, params=params)
        assert answer.status_code == status, answer.text
        body = answer.json()
        assert set(body) == {"code", "message", "details", "request_id", "timestamp"}
        assert body["request_id"] == answer.headers["x-request-id"]
        return str(body["message"])

    def create_type(self, name: str = "Type", /, **fields: object) -> str:
        """Create a type, by default one that allows entitlements; return its id."""
        body = {"name": name, "allow_create_relationships": True, **fields}
        return str(self.ok("POST", "access_profiles_types", body)["value"]["id"])

    def create_profile(self, profile_type: str, name: str = "Profile", /, **fields: object) -> Json:
        """Create a running profile; return it."""
        body = {"name": name, "state": "RUNNING", "profile_type": profile_type, **fields}
        value: Json = self.ok("POST", "access_profiles", body)["value"]
        return value

    def put_members(self, profile: str, operation: str, *identity_ids: str, version: int = 1) -> Json:
        """Add or remove members; return the body of the response."""
        return self.ok(
            "PUT",
            f"access_profiles/{profile}/versions/{version}/members",
            {
                "access_profile_id": profile,
                "version_number": version,
                "type": operation,
                "identity_ids": list(identity_ids),
            },
        )

    def members_via_api(self, profile: str, version: int = 1) -> list[str]:
        """Return the members that the API lists."""
        values = self.ok("GET", f"access_profiles/{profile}/versions/{version}/members")["values"]
        return [each["identity_id"] for each in values]


def entity(datasource: str = "sf", name: str = "group", entity_type: str = "SalesforceGroup") -> Json:
    """Return an entitlement with its required fields."""
    return {"entity_type": entity_type, "datasource_id": datasource, "entity_id": name}
