"""The address of a tenant: its one spelling, and the confirmation that a tenant has moved to another."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pulumi_veza.errors import SettingsError

MOVED: Final = "VEZA_TENANT_MOVED"
"""The environment variable that confirms for one run that a tenant has moved, as ``OLD=NEW``."""

ONLY: Final = "VEZA_ONLY_URL"
"""The environment variable with the one address that a process may send to; a rehearsal sets it for all it starts."""

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")
_PRINTABLE_ASCII = re.compile(r"[!-~]+")
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_LONGEST_SCHEME = 40


def normalised(value: object) -> str:
    """Return the one spelling of a tenant's address: scheme and host in small letters, a port only if not the default.

    Without a scheme it means https.

    Raises:
        ValueError: it is no address of a tenant; the reason never repeats what may be a password.

    """
    text = str(value).strip()
    if "@" in text:
        raise ValueError("holds a user name or password (something before an @): give only the tenant's address")
    if not _PRINTABLE_ASCII.fullmatch(text):
        raise ValueError("holds white space, a control character or a character outside ASCII")
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not _is_host(host):
        raise ValueError("is not the address of a tenant")
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS:
        shown = f"{parts.scheme[:_LONGEST_SCHEME]}://"
        raise ValueError(f"starts with {shown!r}, but must start with https://")
    if scheme == "http" and not _is_loopback(host):
        raise ValueError(
            "starts with http://, which would send the API key unencrypted (allowed only to localhost): use https://"
        )
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("has something after the host name: give the address alone, the API's paths are added to it")
    name = f"[{ipaddress.IPv6Address(host)}]" if ":" in host else host
    return f"{scheme}://{name}" if port in {None, _DEFAULT_PORTS[scheme]} else f"{scheme}://{name}:{port}"


def spelling(value: str) -> str:
    """Return the normalised address, or the text itself where it is none."""
    try:
        return normalised(value)
    except ValueError:
        return value


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_host(host: str) -> bool:
    if _HOST.fullmatch(host):
        return True
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    # The scope of a link-local address names an interface of this machine.
    return "%" not in host


@dataclass(frozen=True)
class TenantMove:
    """The user's word that the tenant at one address is now at another; both are normalised."""

    old: str
    new: str


def tenant_move(environ: Mapping[str, str] | None = None) -> TenantMove | None:
    """Return the move that ``VEZA_TENANT_MOVED`` confirms, or None where it is not set.

    Args:
        environ: The environment; the process's own where it is not given.

    Raises:
        SettingsError: it is not of the form ``OLD=NEW``, or one of the two is no address.

    """
    text = (os.environ if environ is None else environ).get(MOVED, "").strip()
    if not text:
        return None
    how = (
        f"write {MOVED}='OLD=NEW', the two addresses as the refusal prints them, such as "
        f"{MOVED}='https://old.vezacloud.com=https://new.vezacloud.com'"
    )
    old, equals, new = text.partition("=")
    if not equals:
        raise SettingsError(f"{MOVED} names no two addresses: {how}")
    move = TenantMove(_part("the old address", old, how), _part("the new address", new, how))
    if move.old == move.new:
        raise SettingsError(f"{MOVED} names {move.old} twice: {how}")
    return move


def _part(what: str, text: str, how: str) -> str:
    try:
        return normalised(text)
    except ValueError as reason:
        problem = str(reason)
    # Outside of the handler, so that a password in it is not in the error's context.
    raise SettingsError(f"{MOVED}: {what} {problem}: {how}")


def refuse_other_address(url: str, environ: Mapping[str, str] | None = None) -> None:
    """Refuse an address that ``VEZA_ONLY_URL`` does not name; accept any where that is not set.

    Args:
        url: The normalised address that requests would go to.
        environ: The environment; the process's own where it is not given.

    Raises:
        SettingsError: it is another address, or the variable holds none.

    """
    only = (os.environ if environ is None else environ).get(ONLY)
    if only is not None and spelling(only) != url:
        raise SettingsError(
            f"nothing was sent to {url}: {ONLY} allows {only or 'no address'} alone, as a rehearsal does with its "
            "twin; write no address and key into the program, but read them from the stack's configuration (veza:url, "
            "veza:apiKey), or leave them to the environment"
        )
