"""The catalogue of the checks, in the order in which they run."""

from __future__ import annotations

from typing import Final

from pulumi_veza.doctor import configuration, engine, network, reads, versions
from pulumi_veza.doctor.examination import HealthCheck

CHECKS: Final[tuple[HealthCheck, ...]] = (
    HealthCheck("python-version", "The Python that runs this.", versions.python),
    HealthCheck("provider-version", "The version of pulumi-veza, and that it is installed once.", versions.provider),
    HealthCheck("sdk-version", "The version of the Pulumi SDK.", versions.sdk),
    HealthCheck("package-versions", "The versions of the other packages that are needed.", versions.packages),
    HealthCheck("engine-version", "The version of the Pulumi CLI.", versions.engine),
    HealthCheck("policy-package", "Whether policy packs can run.", versions.policy_package),
    HealthCheck("simulator-package", "Whether the simulator is installed.", versions.simulator_package),
    HealthCheck("plugin-python", "The Python that the engine starts providers with.", engine.plugin),
    HealthCheck(
        "stack-configuration", "The settings in the stack's configuration file.", configuration.stack_configuration
    ),
    HealthCheck(
        "key-in-plain-text", "Whether that file holds the API key in plain text.", configuration.key_in_plain_text
    ),
    HealthCheck("passphrase", "Whether the passphrase opens the stack's configuration.", configuration.passphrase),
    HealthCheck("variables", "Variables of the environment that nothing reads.", configuration.variables),
    HealthCheck("settings", "The settings, and where each comes from.", configuration.settings),
    HealthCheck("addresses", "Whether all places name one tenant.", configuration.addresses),
    HealthCheck("tenant-moved", "Whether a move of the tenant is still confirmed.", configuration.moved),
    HealthCheck("backend", "Where the states are kept.", engine.backend),
    HealthCheck(
        "state-tenant", "Whether the state is there, and of the tenant that the settings name.", engine.state_tenant
    ),
    HealthCheck("checkpoints", "How large the stack is, and whether the fast mode suits it.", engine.checkpoints),
    HealthCheck("interrupted-update", "Whether an update of the stack was killed.", engine.interrupted_update),
    HealthCheck("proxy", "Whether a proxy is used.", network.proxy),
    HealthCheck("dns", "The address of the tenant's host name.", network.name, online=True),
    HealthCheck("connection", "Whether the tenant can be connected to.", network.connection, online=True),
    HealthCheck("tls", "The tenant's certificate.", network.tls, online=True),
    HealthCheck("api", "Whether the API answers at the address.", network.api, online=True),
    HealthCheck("redirect", "Whether the address redirects.", network.redirect, online=True),
    HealthCheck("clock", "This machine's clock.", network.clock, online=True),
    HealthCheck("read-types", "The permission to read types.", reads.types, online=True),
    HealthCheck("read-profiles", "The permission to read profiles.", reads.profiles, online=True),
    HealthCheck("read-members", "The permission to read the members of a profile.", reads.members, online=True),
    HealthCheck("read-identities", "The permission to read an identity.", reads.identities, online=True),
    HealthCheck("read-integrations", "The permission to read the integrations.", reads.integrations, online=True),
    HealthCheck("read-datasources", "The permission to read datasources.", reads.datasources, online=True),
    HealthCheck("response-forms", "Whether this version can read the responses.", reads.forms, online=True),
)
