"""The connections to the tenant: whom they trust, what they carry, and how many there are."""

from __future__ import annotations

import importlib.metadata
import ssl
import zlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import httpcore
import httpx

from pulumi_veza.client.settings import Settings
from pulumi_veza.client.transport.httpx_private import connection_pool, set_network_backend
from pulumi_veza.errors import SettingsError

_LIMITS: Final = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=5.0)
"""Every thread has a connection of its own, and keeps it: the number of threads is the only limit."""


class Connections:
    """The connections to one tenant, through a proxy where the environment names one. Thread-safe.

    httpx decides whom to trust and which proxy to use. The requests go to its connection pool directly, as the rest of
    its client (cookies, redirects, authentication schemes) is not used and takes longer than the pool itself.

    Args:
        settings: The tenant, the API key and the CA bundle.
        backend: What opens the connections; nothing is connected yet.

    Raises:
        SettingsError: the CA bundle cannot be read, or a proxy named in the environment cannot be used.

    """

    def __init__(self, settings: Settings, backend: httpcore.NetworkBackend) -> None:
        self._url = settings.url
        self._http = _open(settings)
        set_network_backend(self._http, backend)
        self._headers = [
            ("Accept", "application/json"),
            ("Accept-Encoding", "gzip"),
            ("Authorization", f"Bearer {settings.api_key}"),
            ("User-Agent", f"pulumi-veza/{_version()}"),
        ]

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._http.is_closed

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def stream(
        self, method: str, path: str, params: Mapping[str, str | int | bool], body: bytes | None, timeout: float
    ) -> AbstractContextManager[httpcore.Response]:
        """Send a request; the context manager yields the response, whose body has not been read yet.

        Args:
            method: The HTTP method.
            path: The path below the tenant's address, percent-encoded.
            params: The query.
            body: A body of JSON, or None.
            timeout: Seconds that each step may take.

        Raises:
            UnicodeError, httpx.InvalidURL: the tenant's address is none, or the query is too long.
            Exception: whatever httpcore raises.

        """
        if self._http.is_closed:
            raise RuntimeError("the connections have been closed")
        origin, pool = self._origin, self._pool
        target = f"{path}?{urlencode({name: _text(value) for name, value in params.items()})}" if params else path
        if len(target) > _LONGEST_TARGET:
            raise httpx.InvalidURL("URL component 'query' too long")
        return pool.stream(
            method,
            httpcore.URL(scheme=origin.raw_scheme, host=origin.raw_host, port=origin.port, target=target.encode()),
            headers=[
                ("Host", origin.netloc),
                *self._headers,
                *([("Content-Type", "application/json")] if body is not None else ()),
            ],
            content=body,
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), timeout)},
        )

    @cached_property
    def _origin(self) -> httpx.URL:
        origin = httpx.URL(self._url)
        # A name that only looks like an internationalised one fails here, and not as one that nobody knows.
        _ = origin.host
        return origin

    @cached_property
    def _pool(self) -> httpcore.ConnectionPool:
        return connection_pool(self._http, self._origin)


def headers_of(response: httpcore.Response) -> dict[str, str]:
    """Return the headers of a response, their names in lower case."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}


def body_of(response: httpcore.Response, encoding: str, limit: int) -> bytes:
    """Return the body of a response, up to a little more than ``limit`` bytes of what it unpacks to.

    Raises:
        zlib.error: it is not packed as its header says.

    """
    unpack = zlib.decompressobj(zlib.MAX_WBITS | _GZIP).decompress if encoding.strip().lower() == "gzip" else bytes
    body = bytearray()
    for chunk in response.iter_stream():
        body += unpack(chunk)
        if len(body) > limit:
            break
    return bytes(body)


_LONGEST_TARGET: Final = 65536
"""The characters of a path and query that httpx sends at most."""

_GZIP: Final = 16
"""Makes zlib expect the header of gzip."""


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _open(settings: Settings) -> httpx.Client:
    encrypted = settings.url.startswith("https://")
    verify: ssl.SSLContext | bool = True
    if settings.ca_bundle is not None:
        verify = _trusting(Path(settings.ca_bundle).expanduser())
    elif not encrypted:
        verify = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # Trusts nobody, and spares loading whom to trust.
    try:
        return httpx.Client(
            verify=verify,
            limits=_LIMITS,
            # Plain http goes to this machine only, and must not take the API key to a proxy on the way.
            trust_env=encrypted,
        )
    except (ValueError, ImportError, OSError, httpx.InvalidURL) as problem:
        reason = str(problem)
    raise SettingsError(f"a connection could not be prepared: {reason}: check HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE")


def _trusting(bundle: Path) -> ssl.SSLContext:
    try:
        if bundle.is_dir():
            return ssl.create_default_context(capath=str(bundle))
        return ssl.create_default_context(cafile=str(bundle))
    except OSError as problem:
        reason = problem.strerror or "it holds no certificates"
    raise SettingsError(
        f"veza:caBundle (VEZA_CA_BUNDLE) cannot be used: {bundle}: {reason}; give a file or folder of PEM certificates"
    )


def _version() -> str:
    try:
        return importlib.metadata.version("pulumi-veza")
    except importlib.metadata.PackageNotFoundError:
        return "source"
