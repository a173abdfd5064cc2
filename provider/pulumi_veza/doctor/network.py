"""Checks of the way to the tenant: name, connection, TLS, proxy, redirects, the clock."""

from __future__ import annotations

import email.utils
import os
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from pulumi_veza.client.settings import Settings
from pulumi_veza.doctor import reads
from pulumi_veza.doctor.examination import Diagnosis, ok, problem, skipped, warning
from pulumi_veza.doctor.surroundings import SECONDS, Response, Surroundings
from pulumi_veza.reports.words import counted

DAYS: Final = 14
"""A certificate that ends within so many days is a warning."""
SKEW: Final = 60.0
"""By how many seconds the clock may differ."""
TOO_MUCH_SKEW: Final = 600.0

_NO_SETTINGS: Final = "no usable address and key"
_CONNECTIONS: Final = 2
"""How many addresses of a host are tried."""
_DAY: Final = 86_400


def proxy(surroundings: Surroundings) -> Diagnosis:
    """Look whether a proxy stands between."""
    found = surroundings.settings
    if found is None:
        return skipped(_NO_SETTINGS)
    chosen = proxy_of(found)
    if chosen is None:
        return ok("no proxy is used for the tenant")
    names = sorted(name for name in os.environ if name.upper() in {"HTTPS_PROXY", "ALL_PROXY"})
    host = _host(chosen)
    if host is None:
        return problem(f"{', '.join(names) or 'the proxy'} names no address of a proxy", "write http://HOST:PORT")
    return ok(f"the tenant is reached through the proxy {host} ({', '.join(names) or 'of the system'})")


def name(surroundings: Surroundings) -> Diagnosis:
    """Look for the address of the tenant's host name."""
    found = surroundings.settings
    if found is None:
        return skipped(_NO_SETTINGS)
    if proxy_of(found):
        return skipped("the proxy looks for the host")
    host, port = _target(found)
    addresses: list[Any] = []
    failures: list[OSError] = []

    def resolve() -> None:
        try:
            addresses.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            failures.append(error)

    # Resolving has no time-out of its own.
    thread = threading.Thread(target=resolve, daemon=True)
    thread.start()
    thread.join(SECONDS)
    if addresses:
        return ok(f"{host} has {counted(len({each[4][0] for each in addresses}), 'address', 'addresses')}")
    reason = (failures[0].strerror or str(failures[0])) if failures else f"no answer within {SECONDS:g} s"
    surroundings.unreachable = "the tenant's host name is not known"
    return problem(f"there is no address of {host}: {reason}", "check veza:url (VEZA_URL), the network and its DNS")


def connection(surroundings: Surroundings) -> Diagnosis:
    """Look whether something listens at the tenant's address."""
    found = surroundings.settings
    if found is None:
        return skipped(_NO_SETTINGS)
    if proxy_of(found):
        return skipped("the proxy connects")
    host, port = _target(found)
    try:
        _connected(host, port).close()
    except OSError as error:
        surroundings.unreachable = "the tenant cannot be reached"
        reason = error.strerror or str(error) or "time-out"
        remedy = "check veza:url (VEZA_URL), the network, a firewall, and whether a proxy is needed (HTTPS_PROXY)"
        return problem(f"no connection to {host} port {port}: {reason}", remedy)
    return ok(f"{host} port {port} accepts connections")


def tls(surroundings: Surroundings) -> Diagnosis:
    """Look at the tenant's certificate, with the certificates that are trusted here."""
    found = surroundings.settings
    if found is None:
        return skipped(_NO_SETTINGS)
    if not found.url.startswith("https://"):
        return skipped("plain http, which goes to this machine only")
    if proxy_of(found):
        return skipped("the proxy connects; the reads below show whether the certificate is trusted")
    host, port = _target(found)
    refused, reason, remedy = "", "", "check veza:url (VEZA_URL) and its port"
    certificate: Mapping[str, Any] = {}
    version: str | None = None
    try:
        with _connected(host, port) as plain, _trust(found).wrap_socket(plain, server_hostname=host) as secure:
            certificate = secure.getpeercert() or {}
            version = secure.version()
    except ssl.SSLCertVerificationError as error:
        refused, reason = "has a certificate that is not trusted", error.verify_message
        remedy = (
            "check veza:url (VEZA_URL); where a company proxy re-signs TLS, give its certificates with veza:caBundle "
            "(VEZA_CA_BUNDLE)"
        )
    except ssl.SSLError as error:
        refused, reason = "speaks no usable TLS", error.reason or str(error)
    except OSError as error:
        refused, reason = "ended the TLS handshake", error.strerror or str(error)
    if refused:
        surroundings.unreachable = f"the tenant {refused}"
        return problem(f"{host} port {port} {refused}: {reason}", remedy)
    ends = ssl.cert_time_to_seconds(str(certificate.get("notAfter", "Jan  1 00:00:00 2038 GMT")))
    days = int((ends - time.time()) // _DAY)
    said = f"{version}, certificate trusted for {counted(days, 'more day')}"
    if days < DAYS:
        return warning(said, "have the certificate renewed: by Veza, or by who runs the TLS proxy")
    return ok(said)


def redirect(surroundings: Surroundings) -> Diagnosis:
    """Look whether the address sends its callers elsewhere."""
    first = _first_response(surroundings)
    if isinstance(first, Diagnosis):
        return first
    if not _redirects(first):
        return ok("the address redirects nobody")
    target = _host(first.headers.get("location", "")) or "another address"
    surroundings.unreachable = "the address redirects"
    return problem(
        f"the address answers {first.status}, a redirect to {target}, which is not followed with a key",
        "set veza:url (VEZA_URL) to the tenant's own address, such as https://TENANT.vezacloud.com",
    )


def api(surroundings: Surroundings) -> Diagnosis:
    """Look whether the API answers at the address."""
    first = _first_response(surroundings)
    if isinstance(first, Diagnosis):
        return first
    if _redirects(first):
        return skipped("the address redirects")
    kind = first.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and "json" not in kind:
        surroundings.unreachable = "something else than the API answers"
        return problem(
            f"a page ({kind}, status {first.status}) answers in place of the API",
            "set veza:url (VEZA_URL) to the tenant's own address; a proxy or a login page may answer in its place",
        )
    refused = first.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    return ok(f"the API answers ({first.status}{', what that means is said at read-types' if refused else ''})")


def clock(surroundings: Surroundings) -> Diagnosis:
    """Compare the clock of this machine with the tenant's."""
    first = _first_response(surroundings)
    if isinstance(first, Diagnosis):
        return first
    try:
        date = email.utils.parsedate_to_datetime(first.headers.get("date", ""))
        theirs = date.timestamp()
    except (ValueError, TypeError, OverflowError):
        return skipped("the responses have no date")
    differs = first.at - theirs
    said = f"this machine's clock is {abs(differs):,.0f} s {'ahead of' if differs > 0 else 'behind'} the tenant's"
    if abs(differs) <= SKEW:
        return ok(f"this machine's clock agrees with the tenant's within {SKEW:g} s")
    remedy = "set the clock (NTP): certificates, signatures and the times in reports depend on it"
    return (problem if abs(differs) > TOO_MUCH_SKEW else warning)(said, remedy)


def proxy_of(settings: Settings) -> str | None:
    """Return the proxy that is used for the tenant, or None."""
    parts = urlsplit(settings.url)
    if parts.scheme != "https" or proxy_bypass(parts.hostname or ""):
        return None
    proxies = getproxies()
    return proxies.get("https") or proxies.get("all") or None


def _first_response(surroundings: Surroundings) -> Response | Diagnosis:
    """Return the first response of the tenant, which the first read gets, or why there is none."""
    outcome = reads.types(surroundings)
    return surroundings.responses[0] if surroundings.responses else outcome


def _redirects(response: Response) -> bool:
    return HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST


def _target(settings: Settings) -> tuple[str, int]:
    parts = urlsplit(settings.url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _connected(host: str, port: int) -> socket.socket:
    """Connect to the first address of a host that answers."""
    found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[:_CONNECTIONS]]
    seconds = SECONDS / len(found)
    try:
        return socket.create_connection((found[0], port), timeout=seconds)
    except OSError:
        if len(found) == 1:
            raise
        return socket.create_connection((found[1], port), timeout=seconds)


def untrusted_bundle(settings: Settings) -> str | None:
    """Return why the certificates that the settings name cannot be used, or None where they can or none are named."""
    try:
        _trust(settings)
    except ssl.SSLError:
        return "it holds no PEM certificate"
    except OSError as error:
        return error.strerror or str(error)
    return None


def _trust(settings: Settings) -> ssl.SSLContext:
    if settings.ca_bundle is None:
        return httpx.create_ssl_context()
    bundle = Path(settings.ca_bundle).expanduser()
    if bundle.is_dir():
        return ssl.create_default_context(capath=str(bundle))
    return ssl.create_default_context(cafile=str(bundle))


def _host(address: str) -> str | None:
    """Return host and port of an address without the user and password that it may hold."""
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    return f"{parts.hostname}{port}" if parts.hostname else None
