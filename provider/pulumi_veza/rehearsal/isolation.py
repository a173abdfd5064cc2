"""Lead a state and a configuration from the tenant to its twin, and refuse what would lead elsewhere.

A rehearsal may change the twin and nothing else. So a stack is refused that holds anything of another provider, or
whose own providers name another tenant than the one that is rehearsed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi_veza.client.address import spelling
from pulumi_veza.errors import RefusedError
from pulumi_veza.fields.field_types import SECRET_SIGNATURE
from pulumi_veza.plan.records import OURS, name_in
from pulumi_veza.reports.words import counted, listed
from pulumi_veza.rules.tenant import TENANT_KEY

_OUR_PROVIDERS: Final = "pulumi:providers:pulumi-python"
_ENGINES_OWN: Final = frozenset({"pulumi:pulumi:Stack", "pulumi:pulumi:StackReference", _OUR_PROVIDERS})
_URLS: Final = ("veza:url", "url")
_KEYS: Final = ("veza:apiKey", "apiKey")


@dataclass(frozen=True)
class ConfigValue:
    """A value of a stack's configuration."""

    value: Any
    secret: bool = False


@dataclass(frozen=True)
class Twin:
    """The twin's address and key, and those of the tenant that they stand for."""

    url: str
    key: str
    tenants: frozenset[str]
    """The addresses of the tenant in the state and in the configuration, in their one spelling."""
    tenant_key: str | None = None

    def instead_of(self, value: Any) -> Any:
        """Return a value of the configuration with the twin's address and key in place of the tenant's."""
        if isinstance(value, Mapping):
            return {name: self.instead_of(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.instead_of(each) for each in value]
        if isinstance(value, str) and value:
            if value == self.tenant_key:
                return self.key
            if spelling(value) in self.tenants:
                return self.url
        return value


def resources_in(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the resources of an exported state, those that an interrupted run left to delete among them."""
    return [each for each in state["deployment"].get("resources") or () if isinstance(each, Mapping)]


def addresses_of_providers(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the name and the address of each provider in a state that names one."""
    for each in resources_in(state):
        if each.get("type") == _OUR_PROVIDERS:
            inputs = each.get("inputs") or {}
            for key in _URLS:
                address = _opened(inputs.get(key))
                if isinstance(address, str) and address:
                    yield name_in(str(each.get("urn"))), spelling(address)


def refuse_other_addresses(state: Mapping[str, Any], tenants: Collection[str]) -> None:
    """Refuse a state with a provider that names another tenant.

    Raises:
        RefusedError: there is one.

    """
    for name, address in addresses_of_providers(state):
        if address not in tenants:
            raise RefusedError(
                f"the provider {name!r} of this stack names {address}, and the rehearsal is about "
                f"{' and '.join(sorted(tenants))}: a rehearsal knows one tenant; rehearse stacks of one tenant each"
            )


def refuse_other_providers(resources: Iterable[Mapping[str, Any]]) -> None:
    """Refuse resources of other providers, which a rehearsal would really change.

    Raises:
        RefusedError: there are some.

    """
    found = Counter(
        str(each["type"])
        for each in resources
        if each.get("custom") and not str(each.get("type")).startswith(OURS) and each.get("type") not in _ENGINES_OWN
    )
    if found:
        kinds = listed((f"{kind} ({count})" for kind, count in found.items()), most=5)
        raise RefusedError(
            f"this stack has {counted(found.total(), 'resource')} of other providers, which `pulumi up` would really "
            f"change: {kinds}; put Veza's resources into a stack of their own to rehearse them"
        )


def state_on_twin(state: Mapping[str, Any], twin: Twin) -> dict[str, Any]:
    """Return an exported state as it is where the twin is the tenant, for a backend with secrets of its own."""
    deployment = {name: value for name, value in state["deployment"].items() if name != "secrets_providers"}
    deployment["resources"] = [_on_twin(each, twin) for each in resources_in(state)]
    return {**state, "deployment": deployment}


def _on_twin(resource: Mapping[str, Any], twin: Twin) -> dict[str, Any]:
    kind, outputs = str(resource.get("type")), resource.get("outputs") or {}
    if kind.startswith(OURS) and TENANT_KEY in outputs:
        return {**resource, "outputs": {**outputs, TENANT_KEY: twin.url}}
    if kind == _OUR_PROVIDERS:
        parts = {name: _provider(resource[name], twin) for name in ("inputs", "outputs") if resource.get(name)}
        return {**resource, **parts}
    return dict(resource)


def _opened(value: Any) -> Any:
    """Return a value without the engine's wrapping of secrets, which were exported as plain text."""
    if isinstance(value, Mapping) and SECRET_SIGNATURE in value:
        return json.loads(value.get("plaintext") or "null")
    return value


def _provider(values: Mapping[str, Any], twin: Twin) -> dict[str, Any]:
    """Return a provider's inputs with the twin's address and key, where they have one."""
    found = dict(values)
    found.update({name: twin.url for name in _URLS if found.get(name)})
    for name in _KEYS:
        if isinstance(found.get(name), Mapping) and SECRET_SIGNATURE in found[name]:
            found[name] = {SECRET_SIGNATURE: found[name][SECRET_SIGNATURE], "plaintext": json.dumps(twin.key)}
        elif found.get(name):
            found[name] = twin.key
    return found


def configuration_on_twin(configuration: Mapping[str, ConfigValue], twin: Twin) -> dict[str, ConfigValue]:
    """Return a stack's configuration with the twin's address and key in place of the tenant's.

    ``veza:requestsPerSecond`` is left out: it spares the tenant, and the twin needs no sparing.
    """
    found = {name: ConfigValue(twin.instead_of(each.value), each.secret) for name, each in configuration.items()}
    found.pop("veza:requestsPerSecond", None)
    if "veza:url" in found:
        found["veza:url"] = ConfigValue(twin.url)
    if "veza:apiKey" in found:
        found["veza:apiKey"] = ConfigValue(twin.key, secret=True)
    return found
