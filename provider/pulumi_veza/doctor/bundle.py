"""The bundle for bug reports: one text file, without keys, names, ids and addresses.

It holds the document of the doctor, the versions of the packages that are needed, and the names of the variables that
are set; of these no value.
"""

from __future__ import annotations

import os
import re
from importlib import metadata
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies

from pulumi_veza.doctor.document import DoctorDocument, dump
from pulumi_veza.doctor.surroundings import Surroundings

_VARIABLES: Final = ("VEZA_", "PULUMI_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_")
_PACKAGES: Final = ("httpcore", "httpx", "pulumi", "pulumi-policy", "pydantic", "rich", "tenacity", "typer")

_ADDRESS: Final = re.compile(r"\b(https?|socks5h?)://[^\s/\"',;)]+", re.IGNORECASE)
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_UUID: Final = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_IP: Final = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_KNOWN_HOSTS: Final = re.compile(r"(?:[\w-]+\.)*pulumi\.com|127\.0\.0\.1|localhost", re.IGNORECASE)


def bundle(document: DoctorDocument, surroundings: Surroundings, *, with_address: bool) -> str:
    """Return the text of the bundle.

    Args:
        document: What the doctor found.
        surroundings: What the names and addresses to be replaced are taken from.
        with_address: Whether the tenant's address is left in.

    """
    packages = "\n".join(f"{name} {version}" for name in _PACKAGES if (version := _version(name)))
    variables = "\n".join(sorted(name for name in os.environ if name.upper().startswith(_VARIABLES)))
    text = (
        f"pulumi-veza doctor, bundle for a bug report\n\n"
        f"Without keys, names of people, ids{'' if with_address else ' and addresses'}. "
        f"Read it before you send it.\n\n"
        f"Packages\n--------\n{packages}\n\n"
        f"Variables that are set, without their values\n--------------------------------------------\n"
        f"{variables or '(none)'}\n\n"
        f"Checks\n------\n{dump(document)}"
    )
    return _anonymous(surroundings.redacted(text), surroundings, with_address=with_address)


def _anonymous(text: str, surroundings: Surroundings, *, with_address: bool) -> str:
    """Replace what names this company, its people and this machine."""
    settings = surroundings.settings
    own = settings.url if settings else ""
    kept = {urlsplit(own).hostname or ""} if with_address else set()
    addresses = [own, settings.unused_url or "" if settings else "", os.environ.get("VEZA_URL", "")]
    addresses += [surroundings.configuration.get("veza:url", "")]
    hosts = {urlsplit(each if "://" in each else f"//{each}").hostname or "" for each in addresses}
    for host in sorted(hosts - kept - {""}, key=len, reverse=True):
        text = re.sub(re.escape(host), "TENANT", text, flags=re.IGNORECASE)
    for host in _others(surroundings):
        text = text.replace(host, "[host]")
    text = _ADDRESS.sub(lambda found: _replaced(found[0], kept), text)
    text = _UUID.sub("[id]", _EMAIL.sub("[e-mail]", text))
    text = _IP.sub(lambda found: found[0] if found[0] == "127.0.0.1" else "[address]", text)
    return _without_places(text, surroundings)


def _others(surroundings: Surroundings) -> set[str]:
    """Return the hosts that are named without being the tenant's: of proxies, and where redirects lead."""
    targets = [each.headers.get("location", "") for each in surroundings.responses]
    named = (urlsplit(each if "://" in each else f"//{each}").hostname for each in (*getproxies().values(), *targets))
    return {each for each in named if each and not _KNOWN_HOSTS.fullmatch(each)}


def _replaced(address: str, kept: set[str]) -> str:
    scheme, _, rest = address.partition("://")
    host = rest.rpartition("@")[2]
    name = host.partition(":")[0].lower()
    if name in kept or name == "tenant" or _KNOWN_HOSTS.fullmatch(name):
        return f"{scheme}://{host}"
    return f"{scheme}://[host]"


def _without_places(text: str, surroundings: Surroundings) -> str:
    """Replace the folders and the stack's name, which name a person or a customer."""
    project = surroundings.usable_project
    folder = project.folder if project else surroundings.folder
    for path, placeholder in ((folder, "PROJECT"), (Path.home(), "~")):
        for form in {str(path), str(path.resolve())} - {".", "/"}:
            text = text.replace(form, placeholder)
    if surroundings.stack:
        short = surroundings.stack.rpartition("/")[2]
        text = text.replace(f"Pulumi.{short}.", "Pulumi.STACK.").replace(
            f"the stack {surroundings.stack}", "the stack STACK"
        )
    return text


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
