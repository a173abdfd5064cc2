"""Checks of the settings, and of where they come from."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pulumi_veza.client.address import MOVED, spelling, tenant_move
from pulumi_veza.client.settings import SETTINGS, Setting
from pulumi_veza.doctor import network
from pulumi_veza.doctor.examination import Diagnosis, ok, problem, skipped, warning
from pulumi_veza.doctor.surroundings import KEY, URL, Surroundings
from pulumi_veza.errors import SettingsError
from pulumi_veza.provider.lifecycle import GUARD
from pulumi_veza.reports.words import counted

OTHER_VARIABLES: Final = frozenset({MOVED, "VEZA_DEBUG", GUARD})
"""The variables that are read and are no settings."""

HIDDEN: Final = "(given, not shown)"


@dataclass(frozen=True)
class SettingInUse:
    """A setting that is given, without a secret's value."""

    name: str
    value: str
    origin: str


def in_use(surroundings: Surroundings) -> Iterator[SettingInUse]:
    """Yield the settings that are given, each with its source; the API key is not shown."""
    settings = surroundings.settings
    if settings is None:
        return
    for each in SETTINGS:
        if origin := _origin(each, surroundings):
            value = HIDDEN if each.secret or each.name == "allow_removals" else str(getattr(settings, each.name))
            yield SettingInUse(each.name, value, origin)


def settings(surroundings: Surroundings) -> Diagnosis:
    """Look whether the settings can be used, and at their sources."""
    found = surroundings.loaded
    if isinstance(found, SettingsError):
        file = surroundings.usable_stack_file
        encrypted = file.encrypted if file else frozenset()
        hidden = [each.config_name for each in (URL, KEY) if each.config_name in encrypted]
        if any(not os.environ.get(each.env_name, "").strip() for each in (URL, KEY) if each.config_name in hidden):
            return skipped(
                f"{' and '.join(hidden)}: encrypted in the stack's configuration, which is not opened here",
                f"set {URL.env_name} and {KEY.env_name} for this command, so that the tenant can be looked at",
            )
        return problem(str(found), "set what it names, then run the doctor again")
    if reason := network.untrusted_bundle(found):
        remedy = "name a file or folder of PEM certificates, or leave the setting out"
        return problem(f"veza:caBundle (VEZA_CA_BUNDLE) names {found.ca_bundle}: {reason}", remedy)
    given = [f"{each.name} from {each.origin}" for each in in_use(surroundings)]
    return ok(f"{found.url}; {', '.join(given)}; {counted(len(SETTINGS) - len(given), 'default')}")


def addresses(surroundings: Surroundings) -> Diagnosis:
    """Look whether the environment and the stack's configuration name one tenant."""
    places = {
        URL.env_name: os.environ.get(URL.env_name, ""),
        URL.config_name: surroundings.configuration.get(URL.config_name),
    }
    given = {name: spelling(value.strip()) for name, value in places.items() if value and value.strip()}
    if not given:
        return skipped("no address is given")
    if len(set(given.values())) == 1:
        return ok(f"{next(iter(given.values()))} (from {' and '.join(given)})")
    two = " and ".join(f"{name} names {value}" for name, value in given.items())
    remedy = f"unset {URL.env_name}, or correct {URL.config_name}"
    if surroundings.settings:
        return warning(f"{two}; {surroundings.settings.url} is used", remedy)
    return problem(f"two addresses: {two}", remedy)


def variables(surroundings: Surroundings) -> Diagnosis:  # noqa: ARG001 - every check is run alike
    """Look for variables that look like a setting and are not read."""
    known = {each.env_name for each in SETTINGS} | OTHER_VARIABLES
    unread = sorted(name for name in os.environ if name.upper().startswith("VEZA_") and name not in known)
    if not unread:
        return ok("every VEZA_ variable is read")
    close = [(name, difflib.get_close_matches(name.upper(), sorted(known), n=1, cutoff=0.75)) for name in unread]
    meant = [f"{found[0]} for {name}" for name, found in close if found]
    remedy = f"write {', '.join(meant)}" if meant else "unset it, or look for its name among the settings in the README"
    return warning(f"{', '.join(unread)}: not read", remedy)


def moved(surroundings: Surroundings) -> Diagnosis:
    """Look whether a move of the tenant is still confirmed."""
    move = tenant_move()
    if move is None:
        return ok(f"{MOVED} is not set")
    if surroundings.settings and surroundings.settings.url != move.new:
        return warning(f"{MOVED} confirms a move to {move.new}, which is not the address in use", f"unset {MOVED}")
    return warning(
        f"{MOVED} is set: every run takes the states of {move.old} for those of {move.new}", f"unset {MOVED}"
    )


def stack_configuration(surroundings: Surroundings) -> Diagnosis:
    """Look at the configuration of the stack in the current project."""
    if surroundings.project is None:
        return skipped("no Pulumi project in this folder or above it")
    if surroundings.stack is None:
        return skipped("no stack is selected", "name one with --stack, to have its configuration looked at")
    file = surroundings.stack_file
    if file is None:
        return ok(f"the stack {surroundings.stack} has no configuration file")
    ours = sorted(name for name in {*file.values, *file.encrypted} if name.startswith("veza:"))
    unknown = sorted(set(ours) - {each.config_name for each in SETTINGS})
    if unknown:
        return problem(
            f"{file.path.name} has {', '.join(unknown)}, which is no setting",
            f"correct the name: there are {', '.join(each.config_name for each in SETTINGS)}",
        )
    encrypted = [name for name in ours if name in file.encrypted]
    return ok(f"{file.path.name}: {', '.join(ours) or 'no setting of veza'}{_encrypted(encrypted)}")


def key_in_plain_text(surroundings: Surroundings) -> Diagnosis:
    """Look for an API key in plain text in the stack's configuration."""
    file = surroundings.usable_stack_file
    if file is None:
        return skipped("no configuration file of a stack that can be read")
    if KEY.config_name not in file.values:
        return ok(f"{file.path.name} holds no key in plain text")
    return problem(
        f"{file.path.name} holds the API key in plain text",
        f"renew the key, then `pulumi config set --secret {KEY.config_name}`, or give it as {KEY.env_name} alone",
    )


def passphrase(surroundings: Surroundings) -> Diagnosis:
    """Look for the passphrase of a stack whose secrets need one."""
    file = surroundings.usable_stack_file
    if file is None or not file.passphrase:
        return skipped("no stack whose secrets are encrypted with a passphrase")
    names = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")
    found = next((name for name in names if name in os.environ), None)
    if found is None:
        return warning("the stack's secrets need a passphrase, and none is set", f"set {' or '.join(names)}")
    if not file.encrypted:
        return ok(f"{found} is set; the stack's configuration has no secret that it could be tried on")
    # What it prints is kept nowhere.
    tried = surroundings.of_stack("config", "--json", "--show-secrets")
    if tried is None:
        return ok(f"{found} is set; whether it is the right one was not tried")
    if tried.code != 0:
        remedy = f"set {found} to the passphrase that the stack was created with"
        return problem(f"{found} does not open the secrets of the stack's configuration: {tried.error}", remedy)
    return ok(f"{found} opens the secrets of the stack's configuration")


def _origin(setting: Setting, surroundings: Surroundings) -> str | None:
    """Return the name under which a setting is given, or None where its default is used."""
    found = surroundings.settings
    if found is None:
        return None
    if setting.secret:
        return found.api_key_origin
    places = (
        (setting.env_name, os.environ.get(setting.env_name)),
        (setting.config_name, surroundings.configuration.get(setting.config_name)),
    )
    given = {name: value for name, value in places if value and value.strip()}
    if setting.name == "url":
        given = {name: value for name, value in given.items() if spelling(value.strip()) == found.url}
    return next(iter(given), None)


def _encrypted(names: list[str]) -> str:
    return f" ({', '.join(names)} encrypted)" if names else ""
