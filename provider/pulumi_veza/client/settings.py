"""The settings: their names, their sources and their valid values.

`Settings` declares each of them once; names, defaults, bounds and documentation are derived from it. A setting is read
from the first of these that has it: an argument, the environment (``VEZA_MAX_RETRIES``), the stack's configuration
(``veza:maxRetries``). A blank value counts as absent.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from pulumi_veza.errors import SettingsError

NAMESPACE: Final = "veza"

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")
_PRINTABLE_ASCII = re.compile(r"[!-~]+")
_SHOWN = 40


@dataclass(frozen=True)
class Setting:
    """One setting, as documentation and error messages need it."""

    name: str
    """The attribute of `Settings` and the keyword argument of the client, such as ``max_retries``."""

    documentation: str
    default: object
    """The value where none is given; ``None`` where there is none or where the setting must be given."""

    required: bool
    secret: bool
    example: str
    read: Callable[[object], object]
    """Converts the raw value; raises ``ValueError`` with the reason, which never repeats a secret."""

    @property
    def config_name(self) -> str:
        """The name in the stack's configuration, such as ``veza:maxRetries``."""
        first, *others = self.name.split("_")
        return f"{NAMESPACE}:{first}{''.join(word.title() for word in others)}"

    @property
    def env_name(self) -> str:
        """The name in the environment, such as ``VEZA_MAX_RETRIES``."""
        return f"{NAMESPACE}_{self.name}".upper()

    @property
    def ways(self) -> str:
        """The ways to set it, for an error message."""
        if self.secret:
            return f"`pulumi config set --secret {self.config_name}` or {self.env_name} in the environment"
        return f"`pulumi config set {self.config_name} {self.example}` or {self.env_name}={self.example}"


def _declare(
    documentation: str, read: Callable[[object], object], *, example: str, default: Any = MISSING, secret: bool = False
) -> Any:
    metadata = {"documentation": documentation, "read": read, "example": example, "secret": secret}
    return field(default=default, repr=not secret, metadata=metadata)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _bounded(parse: Callable[[str], float], noun: str, minimum: float, maximum: float) -> Callable[[object], float]:
    def read(value: object) -> float:
        try:
            number = parse(str(value))
        except ValueError:
            number = minimum - 1
        # Written so that "nan", which compares false with everything, is refused too.
        if not minimum <= number <= maximum:
            raise ValueError(f"is {_shown(value)}, but must be {noun} from {minimum:g} to {maximum:g}")
        return number

    return read


_whole = partial(_bounded, int, "a whole number")
_number = partial(_bounded, float, "a number")


def _text(value: object) -> str:
    return str(value).strip()


def _api_key(value: object) -> str:
    key = str(value)
    if not _PRINTABLE_ASCII.fullmatch(key):
        raise ValueError(
            "holds white space, a control character or a character outside ASCII, which no API key has: "
            "copy it again, without a line break or quotation marks"
        )
    return key


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
    return True


def _url(value: object) -> str:
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
    if scheme not in {"https", "http"}:
        raise ValueError(f"starts with {_shown(f'{parts.scheme}://')}, but must start with https://")
    if scheme == "http" and not _is_loopback(host):
        raise ValueError(
            "starts with http://, which would send the API key unencrypted (allowed only to localhost): use https://"
        )
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("has something after the host name: give the address alone, the API's paths are added to it")
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}" if port is None else f"{scheme}://{name}:{port}"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a client, validated when they are created.

    Raises:
        SettingsError: a value cannot be used; the text names the setting and the ways of giving it.

    """

    url: str = _declare(
        "The tenant's address. Without a scheme it means https; plain http is accepted for localhost only.",
        _url,
        example="https://TENANT.vezacloud.com",
    )
    api_key: str = _declare(
        "The API key (Administration > API Keys). Prefer the environment: then it is in no file of the stack.",
        _api_key,
        example="",
        secret=True,
    )
    max_retries: int = _declare(
        "How often a request is sent again after a failure that another try may cure.",
        _whole(0, 20),
        default=5,
        example="5",
    )
    timeout: float = _declare(
        "Seconds that one request may take.",
        _number(0.001, 3600),
        default=30.0,
        example="30",
    )
    page_size: int = _declare(
        "How many objects are asked for in one page of a listing.",
        _whole(1, 100),
        default=100,
        example="100",
    )
    ca_bundle: str | None = _declare(
        "A file (or folder) of PEM certificates to trust instead of the usual ones, for example that of a TLS proxy.",
        _text,
        default=None,
        example="/etc/ssl/certs/company.pem",
    )
    requests_per_second: float | None = _declare(
        "At most this many requests in a second, over all threads of the process; unlimited where it is not given.",
        _number(0.01, 1000),
        default=None,
        example="10",
    )
    deadline: float = _declare(
        "Seconds that one operation may take in all, with its retries and the pauses between them.",
        _number(0.001, 3600),
        default=90.0,
        example="90",
    )
    allow_removals: str | None = _declare(
        "Confirmations of removals that a membership set's guard refuses: the values that the refusals print, several "
        "separated by commas. Each confirms one removal and no other.",
        _text,
        default=None,
        example="3-1a2b3c4d5e",
    )
    api_key_origin: str = "argument"
    """The source of the API key, for the error of a refused one: ``VEZA_API_KEY``, ``veza:apiKey`` or ``argument``."""

    def __post_init__(self) -> None:
        for setting in SETTINGS:
            given = getattr(self, setting.name)
            if given is None and not setting.required:
                continue
            try:
                value, problem = setting.read(given), None
            except ValueError as reason:
                value, problem = None, str(reason)
            if problem is not None:
                raise SettingsError(f"{setting.config_name} {problem}: {setting.ways}")
            object.__setattr__(self, setting.name, value)


SETTINGS: Final[tuple[Setting, ...]] = tuple(
    Setting(
        name=declared.name,
        default=None if declared.default is MISSING else declared.default,
        required=declared.default is MISSING,
        **declared.metadata,
    )
    for declared in fields(Settings)
    if declared.metadata
)
"""Every setting, in the order of the documentation."""


def load(
    config: Mapping[str, str],
    environ: Mapping[str, str] | None = None,
    *,
    arguments: Mapping[str, object] | None = None,
) -> Settings:
    """Load the settings from arguments, the environment and the stack's configuration, in this order of precedence.

    Args:
        config: The stack's configuration under its full names, such as ``veza:url``; other namespaces are ignored.
        environ: The environment; the process's own where it is not given.
        arguments: Values by their names in `Settings`; ``None`` counts as absent.

    Raises:
        SettingsError: a setting is missing, unknown or cannot be used.

    """
    arguments = arguments or {}
    environ = os.environ if environ is None else environ
    _refuse_unknown(
        [name for name in config if name.startswith(f"{NAMESPACE}:")], [setting.config_name for setting in SETTINGS]
    )
    _refuse_unknown(arguments, [setting.name for setting in SETTINGS])
    values: dict[str, Any] = {}
    missing = []
    for setting in SETTINGS:
        places = (
            ("argument", arguments.get(setting.name)),
            (setting.env_name, environ.get(setting.env_name)),
            (setting.config_name, config.get(setting.config_name)),
        )
        found = [(place, value) for place, value in places if value is not None and str(value).strip()]
        if found:
            origin, values[setting.name] = found[0]
            if setting.secret:
                values[f"{setting.name}_origin"] = origin
        elif setting.required:
            missing.append(f"{setting.config_name} is not set: {setting.ways}")
    if missing:
        raise SettingsError("; ".join(missing))
    return Settings(**values)


def allowed_removals(config: Mapping[str, str]) -> str | None:
    """Return the setting ``allow_removals`` alone, for what judges a plan and needs no tenant."""
    (setting,) = (each for each in SETTINGS if each.name == "allow_removals")
    return os.environ.get(setting.env_name) or config.get(setting.config_name)


def _refuse_unknown(given: Mapping[str, object] | list[str], known: list[str]) -> None:
    for name in sorted(given):
        if name not in known:
            by_lower = {each.lower(): each for each in known}
            close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.0)
            raise SettingsError(
                f"{_shown(name)} is not a setting; did you mean {by_lower[close[0]]}? There are {', '.join(known)}"
            )
