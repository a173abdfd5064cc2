"""The settings: their names, their sources and their valid values.

`Settings` declares each of them once; names, defaults, bounds and documentation are derived from it. A setting is read
from the first of these that has it: an argument, the environment (``VEZA_MAX_RETRIES``), the stack's configuration
(``veza:maxRetries``). A blank value counts as absent.

The tenant's address and its key are an exception: they belong together, so that no key is sent to an address that it
is not for. `load` says which are used.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import partial
from typing import Any, Final

from pulumi_veza.client.address import normalised
from pulumi_veza.errors import SettingsError
from pulumi_veza.reports.words import nearest

NAMESPACE: Final = "veza"

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
            return f"`pulumi config set --secret {self.config_name}` or {self.way_in_environment}"
        return f"`pulumi config set {self.config_name} {self.example}` or {self.env_name}={self.example}"

    @property
    def way_in_environment(self) -> str:
        """The way to set it without a stack's configuration."""
        return f"{self.env_name}{'' if self.secret else f'={self.example}'} in the environment"


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


def _value(setting: Setting, given: object, called: str | None = None) -> object:
    """Return the valid value of a setting; ``called`` is its name where it was given, if that is known.

    Raises:
        SettingsError: it cannot be used; the text names the setting and the ways of giving it.

    """
    try:
        return setting.read(given)
    except ValueError as reason:
        problem = str(reason)
    # Outside of the handler, so that nothing of a secret is in the error's context.
    raise SettingsError(
        f"{called or setting.config_name} {problem}: {setting.ways}",
        f"{called or setting.env_name} {problem}: {setting.way_in_environment}",
    )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a client, validated when they are created.

    Raises:
        SettingsError: a value cannot be used; the text names the setting and the ways of giving it.

    """

    url: str = _declare(
        "The tenant's address. Without a scheme it means https; plain http is accepted for localhost only.",
        normalised,
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
    parallelism: int = _declare(
        "How many resources one plugin process works on at the same time; `--parallel` of the command is a limit above "
        "it. To have fewer than four, give that.",
        _whole(4, 100),
        default=16,
        example="16",
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
    unused_url: str | None = None
    """The address that the environment names and that is not used, as the configuration brings its own pair."""
    key_left_aside: bool = False
    """Whether the configuration has a key alone that is not used, as the environment brings its own pair."""

    @property
    def left_aside(self) -> str | None:
        """The warning of an address or a key that is given and not used, or None where there is none."""
        if self.unused_url is not None:
            return (
                f"VEZA_URL names {self.unused_url}, which is not used: the configuration brings the address {self.url} "
                "and its own veza:apiKey; unset VEZA_URL, or correct veza:url"
            )
        if self.key_left_aside:
            return (
                "veza:apiKey is not used: no veza:url is beside it, and the environment brings the address "
                f"{self.url} and its own VEZA_API_KEY; write the veza:url that the key is for beside it, or remove it"
            )
        return None

    def __post_init__(self) -> None:
        for setting in SETTINGS:
            given = getattr(self, setting.name)
            if given is None and not setting.required:
                continue
            object.__setattr__(self, setting.name, _value(setting, given))


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

_URL: Final = next(setting for setting in SETTINGS if setting.name == "url")


def load(
    config: Mapping[str, str],
    environ: Mapping[str, str] | None = None,
    *,
    arguments: Mapping[str, object] | None = None,
) -> Settings:
    """Load the settings from arguments, the environment and the stack's configuration, in this order of precedence.

    The address and the key come from one place. Where the environment and the configuration name two addresses, the
    configuration's pair is used if it has a key of its own (``unused_url`` is the other address then). A key is taken
    from a place that names the address before one that names none, and never from one that names another.

    Args:
        config: The configuration of the stack, or of an explicit provider, under its full names, such as ``veza:url``;
            other namespaces are ignored.
        environ: The environment; the process's own where it is not given.
        arguments: Values by their names in `Settings`; ``None`` counts as absent.

    Raises:
        SettingsError: a setting is missing, unknown or cannot be used, or it is not clear which tenant is meant.

    """
    arguments = arguments or {}
    environ = os.environ if environ is None else environ
    # A name without a namespace is no other's: it is one of ours that was written without it.
    ours = [name for name in config if name.startswith(f"{NAMESPACE}:") or ":" not in name]
    _refuse_unknown(ours, [setting.config_name for setting in SETTINGS])
    _refuse_unknown(arguments, [setting.name for setting in SETTINGS])
    places = (
        _Place(arguments, {each.name: each.name for each in SETTINGS}),
        _Place(environ, {each.name: each.env_name for each in SETTINGS}),
        _Place(config, {each.name: each.config_name for each in SETTINGS}),
    )
    values: dict[str, Any] = _address_and_key(*places)
    missing = []
    for setting in SETTINGS:
        given = next((place for place in places if place[setting.name] is not None), None)
        if setting.required:
            if setting.name not in values:
                missing.append(setting)
        elif given:
            values[setting.name] = given.value(setting)
    if missing:
        raise SettingsError(
            "; ".join(f"{each.config_name} is not set: {each.ways}" for each in missing),
            "; ".join(f"{each.env_name} is not set: write {each.way_in_environment}" for each in missing),
        )
    return Settings(**values)


def allowed_removals(config: Mapping[str, str]) -> str | None:
    """Return the setting ``allow_removals`` alone, for what judges a plan and needs no tenant."""
    (setting,) = (each for each in SETTINGS if each.name == "allow_removals")
    return os.environ.get(setting.env_name) or config.get(setting.config_name)


@dataclass(frozen=True)
class _Place:
    """A place that settings come from: the arguments, the environment or the configuration."""

    values: Mapping[str, object]
    names: Mapping[str, str]
    """What each setting is called there, by its name in `Settings`."""

    def __getitem__(self, name: str) -> object:
        """Return the value of a setting, or None where it is absent or blank."""
        value = self.values.get(self.names[name])
        return value if value is not None and str(value).strip() else None

    @property
    def address(self) -> str | None:
        """The normalised address, or None where the place names none.

        Raises:
            SettingsError: it is no address.

        """
        return None if self["url"] is None else str(self.value(_URL))

    def value(self, setting: Setting) -> object:
        """Return the valid value of a setting that is given here.

        Raises:
            SettingsError: it cannot be used.

        """
        return _value(setting, self[setting.name], self.names[setting.name])

    def key(self, origin: str | None = None) -> dict[str, Any]:
        """Return the key and where it comes from, under their names in `Settings`."""
        return {"api_key": self["api_key"], "api_key_origin": origin or self.names["api_key"]}


def _address_and_key(argument: _Place, environment: _Place, config: _Place) -> dict[str, Any]:
    """Return the address and the key that belong together, as far as they are given, under their names in `Settings`.

    Raises:
        SettingsError: two places name two addresses, and it is not clear which of them is meant.

    """
    others = (environment, config)
    if argument["url"] is not None:
        url = argument["url"]
    elif environment.address and config.address and environment.address != config.address:
        two = f"two addresses for one run: VEZA_URL names {environment.address}, and veza:url names {config.address}"
        if argument["api_key"] is not None:
            raise SettingsError(f"{two}; write the url beside the api_key")
        if config["api_key"] is None:
            raise SettingsError(
                f"{two}, which has no veza:apiKey beside it; unset VEZA_URL or correct veza:url, or give the provider "
                f"that is meant for {config.address} its own veza:apiKey"
            )
        return {"url": config.address, "unused_url": environment.address, **config.key()}
    else:
        url = environment.address or config.address
    found = {} if url is None else {"url": url}
    if argument["api_key"] is not None:
        return {**found, **argument.key("argument")}
    with_key = [place for place in others if place["api_key"] is not None]
    if not with_key or url is None:
        return {**found, **(with_key[0].key() if with_key else {})}
    for address in (str(_value(_URL, url)), None):
        for place in with_key:
            if place.address == address:
                return {**found, **place.key(), **_left_aside(argument, place, config)}
    key = with_key[0]
    raise SettingsError(
        f"two addresses: the argument url names {_value(_URL, url)}, and {key.names['url']} names {key.address}, which "
        f"{key.names['api_key']} is for; write the api_key beside the url, or unset {key.names['url']}"
    )


def _left_aside(argument: _Place, used: _Place, config: _Place) -> dict[str, Any]:
    alone = argument["url"] is None and config["url"] is None and config["api_key"] is not None
    other = used is not config and used.address is not None and used["api_key"] != config["api_key"]
    return {"key_left_aside": True} if alone and other else {}


def _refuse_unknown(given: Mapping[str, object] | list[str], known: list[str]) -> None:
    for name in sorted(given):
        if name not in known:
            by_lower = {each.lower(): each for each in known}
            close = by_lower[nearest(name.lower(), by_lower, cutoff=0.0) or next(iter(by_lower))]
            raise SettingsError(f"{_shown(name)} is not a setting; did you mean {close}? There are {', '.join(known)}")
