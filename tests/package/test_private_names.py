"""What other packages do not document and this one needs: each is still there and still does what it is used for.

A failure says what to do: it comes with a new version of the other package, before users get that version.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pulumi
import pytest
import typer
from pulumi import dynamic
from pulumi.dynamic import Config
from pulumi.runtime import rpc
from typer.testing import CliRunner

from pulumi_veza import AccessProfile
from pulumi_veza.cli import exits
from pulumi_veza.cli.typer_private import set_usage_exit_code
from pulumi_veza.client.transport import logs
from pulumi_veza.client.transport.httpx_private import set_network_backend
from pulumi_veza.errors import SettingsError
from pulumi_veza.fields.field_types import SECRET_SIGNATURE
from pulumi_veza.provider import plugin_threads_private
from pulumi_veza.provider.plugin_threads_private import OF_THE_SDK
from tests.support.plugin import Plugin
from tests.support.plugin_helpers import CREATE, inputs, seed
from tests.support.tenant import Tenant


def advice(package: str, module: str, what: str) -> str:
    return (
        f"{package} {version(package)} no longer {what}: adapt provider/pulumi_veza/{module} to it, or keep that "
        f"version out in the dependencies of pyproject.toml"
    )


class OpenedError(Exception):
    """A connection was to be opened by the backend that was set."""


class Refusing(httpcore.NetworkBackend):
    def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise OpenedError(f"{host}:{port}")


@pytest.mark.parametrize("proxy", [None, "http://proxy.example:3128"])
def test_httpx_opens_every_connection_with_the_backend_that_is_set(
    proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    if proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
    problem = advice("httpx", "client/transport/httpx_private.py", "opens its connections with `_network_backend`")
    with httpx.Client(verify=False) as client:  # noqa: S501 - nothing is connected to
        try:
            set_network_backend(client, Refusing())
        except SettingsError:
            pytest.fail(problem)
        with pytest.raises(OpenedError) as opened:
            client.get("https://tenant.example")
    assert str(opened.value).startswith("proxy.example" if proxy else "tenant.example"), problem


def test_an_httpx_that_keeps_its_connections_elsewhere_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with httpx.Client() as client:
        monkeypatch.delattr(client._transport, "_pool")
        with pytest.raises(
            SettingsError, match=r"httpx [\d.]+ with httpcore [\d.]+ is not supported \(.*_pool"
        ) as said:
            set_network_backend(client, Refusing())
        assert said.value.__context__ is None
        monkeypatch.undo()


def test_httpx_is_imported_without_its_command_line() -> None:
    program = "import sys, pulumi_veza.client.client; print(sorted({'rich', 'click', 'pygments'} & set(sys.modules)))"
    brought = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert find_spec("rich"), "without it this shows nothing"
    assert brought == "[]\n", advice("httpx", "client/transport/httpx_private.py", "keeps its command in COMMAND_LINE")


def test_every_logger_of_the_http_library_is_redacted() -> None:
    # From the sources: a logger comes into being with its module, and some of them need packages that are not here.
    sources = [*Path(httpcore.__path__[0]).rglob("*.py"), *Path(httpx.__path__[0]).rglob("*.py")]
    there = {name for each in sources for name in re.findall(r'getLogger\("([\w.]+)"\)', each.read_text())}
    said = advice("httpcore", "client/transport/logs.py", "logs to the loggers that LOGGERS lists")
    assert there == set(logs.LOGGERS), said


def test_pulumi_has_the_names_that_the_shell_needs() -> None:
    module = "provider/pulumi_private.py"
    try:
        from pulumi_veza.provider import pulumi_private  # noqa: PLC0415
    except ImportError as error:
        pytest.fail(advice("pulumi", module, f"has it ({error})"))
    assert pulumi_private.PROVIDER_KEY == "__provider", advice("pulumi", module, "pickles the provider there")
    wrapped = pulumi_private.wrap_rpc_secret("x")
    assert rpc.is_rpc_secret(wrapped), advice("pulumi", module, "wraps a secret so")
    listed = pulumi_private.all_config(Config({"veza:url": "u", "aws:region": "r"}, "project"))
    assert listed == {"veza:url": "u", "aws:region": "r"}, advice("pulumi", module, "keeps its configuration there")
    assert isinstance(pulumi_private.Unknown(), pulumi_private.Unknown)


def test_a_resource_sees_its_options_after_all_transformations() -> None:
    from pulumi_veza.provider.pulumi_private import ResourceWithFinalOptions  # noqa: PLC0415

    class SeenError(Exception):
        pass

    class Seeing(ResourceWithFinalOptions):
        def _options_are_final(self, opts: pulumi.ResourceOptions) -> None:
            raise SeenError(opts.import_)

    def transform(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions(import_="an-id"))

    async def make() -> None:
        Seeing(dynamic.ResourceProvider(), "seen", {}, pulumi.ResourceOptions(transformations=[transform]))

    try:
        asyncio.run(make())
    except Exception as error:  # noqa: BLE001 - without it, the registration fails outside of a program
        found = error
    assert isinstance(found, SeenError), advice("pulumi", "provider/pulumi_private.py", "calls `_get_providers`")
    assert str(found) == "an-id"


def test_a_resource_of_ours_makes_its_outputs_itself_and_the_sdk_those_of_others() -> None:
    """What programs see of it is in `tests/resources/test_lazy_outputs.py`, also where it is not possible."""
    from pulumi_veza.provider import pulumi_private  # noqa: PLC0415

    class Ours(pulumi_private.ResourceWithOwnOutputs):
        def _resolvers(self, props: Mapping[str, Any]) -> dict[str, Callable[..., None]]:
            return {f"our {name}": print for name in props}

    async def make() -> None:
        ours, theirs = object.__new__(Ours), object.__new__(dynamic.Resource)
        assert rpc.transfer_properties(ours, {"x": 1}, True) == {"our x": print}
        assert list(rpc.transfer_properties(theirs, {"x": 1}, True)) == ["x"]
        assert vars(ours) == {}
        assert isinstance(vars(theirs)["x"], pulumi.Output)
        vars(theirs)["x"]._data.cancel()
        vars(theirs)["x"]._untrack()

    assert pulumi_private.OWN_OUTPUTS, advice(
        "pulumi", "provider/pulumi_private.py", "makes all outputs of a resource in `rpc.transfer_properties`"
    )
    asyncio.run(make())


def test_the_plugin_serves_with_a_pool_of_threads_that_can_be_widened(plugin: Plugin, tenant: Tenant) -> None:
    said = advice("pulumi", "provider/plugin_threads_private.py", f"serves with a pool of {OF_THE_SDK} threads")
    sdk = Path(str(find_spec("pulumi.dynamic").origin)).with_name("__main__.py")  # type: ignore[union-attr]
    assert f"futures.ThreadPoolExecutor(max_workers={OF_THE_SDK})" in sdk.read_text(), said
    seed(tenant)
    profiles = [inputs(plugin, f"P{number}") for number in range(OF_THE_SDK + 1)]
    fault = tenant.fault(**CREATE, hold="before_commit", count=None)
    with ThreadPoolExecutor(len(profiles)) as engine:
        calls = [engine.submit(plugin.create, AccessProfile, each) for each in profiles]
        try:
            fault.wait_until_holding(len(profiles), timeout=20)
        except RuntimeError:
            pytest.fail(said)
        finally:
            tenant.clear_faults()
        for each in calls:
            each.result(timeout=30)


def test_a_thread_knows_the_pool_that_it_works_for(monkeypatch: pytest.MonkeyPatch) -> None:
    said = f"Python {sys.version} hands a pool's thread no reference to it: adapt provider/plugin_threads_private.py"

    def without_arguments() -> object:
        monkeypatch.delattr(threading.current_thread(), "_args")
        return plugin_threads_private._pool_of_this_thread()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(plugin_threads_private._pool_of_this_thread).result() is pool, said
        # Four threads as before, and no error, where it does not.
        assert pool.submit(without_arguments).result() is None
        monkeypatch.undo()
    assert plugin_threads_private._pool_of_this_thread() is None


def test_a_configuration_that_cannot_be_listed_is_empty_rather_than_an_error() -> None:
    from pulumi_veza.provider import pulumi_private  # noqa: PLC0415

    without: Any = object()
    assert pulumi_private.all_config(without) == {}


def test_the_engines_mark_of_a_wrapped_value_is_the_one_that_is_refused_as_a_key() -> None:
    said = advice("pulumi", "fields/field_types.py (SECRET_SIGNATURE)", "marks a wrapped value with this key")
    assert rpc._special_sig_key == SECRET_SIGNATURE, said


def test_pulumis_policy_sdk_says_of_a_value_that_it_is_unknown() -> None:
    pytest.importorskip("pulumi_policy")
    module = "policies/pulumi_policy_private.py"
    try:
        from pulumi_veza.policies.pulumi_policy_private import UnknownValueError  # noqa: PLC0415
    except ImportError as error:
        pytest.fail(advice("pulumi-policy", module, f"has it ({error})"))
    from pulumi_policy import proxy  # noqa: PLC0415

    shown = proxy.unknown_checking_proxy({"known": "x", "unknown": rpc.UNKNOWN})
    assert shown["known"] == "x"
    with pytest.raises(UnknownValueError):
        shown["unknown"]


def test_typer_ends_a_mistake_in_the_command_line_with_the_code_that_is_set() -> None:
    said = advice("typer", "cli/typer_private.py", "derives `BadParameter` from a class `UsageError` with `exit_code`")
    application = typer.Typer()

    @application.command()
    def command(number: int) -> None:
        typer.echo(number)

    try:
        set_usage_exit_code(exits.USAGE)
    except StopIteration:
        pytest.fail(said)
    assert CliRunner().invoke(application, ["1"]).exit_code == 0
    assert CliRunner().invoke(application, ["--mistake"]).exit_code == exits.USAGE, said
    assert CliRunner().invoke(application, ["no number"]).exit_code == exits.USAGE, said
