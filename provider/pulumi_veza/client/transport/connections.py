"""The connections to the tenant: whom they trust, what they carry, and how many there are."""

from __future__ import annotations

import importlib.metadata
import ssl
from pathlib import Path
from typing import Final

import httpcore
import httpx

from pulumi_veza.client.settings import Settings
from pulumi_veza.client.transport.httpx_private import set_network_backend
from pulumi_veza.errors import SettingsError

_LIMITS: Final = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=5.0)
"""Every thread has a connection of its own, and keeps it: the number of threads is the only limit."""


def open_http(settings: Settings, backend: httpcore.NetworkBackend) -> httpx.Client:
    """Return a client that opens its connections with ``backend``; nothing is connected yet.

    Raises:
        SettingsError: the CA bundle cannot be read, or a proxy named in the environment cannot be used.

    """
    encrypted = settings.url.startswith("https://")
    verify: ssl.SSLContext | bool = True
    if settings.ca_bundle is not None:
        verify = _trusting(Path(settings.ca_bundle).expanduser())
    elif not encrypted:
        verify = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # Trusts nobody, and spares loading whom to trust.
    try:
        client = httpx.Client(
            headers={
                "Accept": "application/json",
                "Authorization": f"Bearer {settings.api_key}",
                "User-Agent": f"pulumi-veza/{_version()}",
            },
            verify=verify,
            limits=_LIMITS,
            follow_redirects=False,
            # Plain http goes to this machine only, and must not take the API key to a proxy on the way.
            trust_env=encrypted,
        )
    except (ValueError, ImportError, OSError, httpx.InvalidURL) as problem:
        reason = str(problem)
    else:
        set_network_backend(client, backend)
        return client
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
