"""The command ``simulate``: ``veza-simulator``, ``python -m veza_simulator`` and ``pulumi-veza simulate``."""

from __future__ import annotations

import enum
import errno
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from veza_simulator.like import TenantBehaviour

DEFAULT_PORT = 8099


class SeedName(str, enum.Enum):
    """What the tenant holds at the start."""

    DEMO = "demo"
    EMPTY = "empty"


def simulate(  # noqa: PLR0917 - the options, which are given by name
    port: Annotated[
        int | None,
        typer.Option(
            help="Port to listen on; 0 takes a free one. Without it, the last one of --db, or 8099.", min=0, max=65535
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    db: Annotated[
        Path | None, typer.Option(help="File that keeps the tenant over a restart; without it, it is in memory.")
    ] = None,
    seed: Annotated[SeedName, typer.Option(help="What a new tenant holds.")] = SeedName.DEMO,
    tenant: Annotated[
        Path | None,
        typer.Option(help="A file that `pulumi-veza export --twin` wrote: a new tenant holds this, and not --seed."),
    ] = None,
    token: Annotated[str, typer.Option(help="The API key that is accepted.")] = "simulator-key",  # noqa: S107 - opens a simulator
    read_only_token: Annotated[str | None, typer.Option(help="A second API key that may only read.")] = None,
    like: Annotated[
        Path | None,
        typer.Option(
            help="Answer as a real tenant does: a file of `pulumi-veza doctor --learn`, whose switches are set at the "
            "start.",
            metavar="FILE",
        ),
    ] = None,
    allow_remote: Annotated[bool, typer.Option(help="Listen on an address that others can reach.")] = False,
    quiet: Annotated[bool, typer.Option(help="Print only the line that says where it listens.")] = False,
) -> None:
    """Run an offline Veza tenant: for trying things out, for demonstrations, training and tests."""
    try:
        from veza_simulator.control import is_loopback  # noqa: PLC0415 - takes long to load
        from veza_simulator.demo import DEMO  # noqa: PLC0415
        from veza_simulator.keys import Tokens  # noqa: PLC0415
        from veza_simulator.problems import RefusedRequestError  # noqa: PLC0415
        from veza_simulator.server import TenantInUseError, alone, kept_port, listen, serve  # noqa: PLC0415
        from veza_simulator.tenant_file import UnusableTenantFileError, read  # noqa: PLC0415
    except ModuleNotFoundError as error:
        sys.exit(_missing_package(error))
    if not is_loopback(host) and not allow_remote:
        sys.exit(
            f"{host} can be reached from other machines, and the simulator protects nothing:"
            " use --host 127.0.0.1, or add --allow-remote if that is what you want"
        )
    if db is not None and not db.parent.is_dir():
        sys.exit(f"--db {db}: there is no directory {db.parent}; create it first")
    behaviour = _learned(like) if like else None
    try:
        holding = read(tenant) if tenant else DEMO if seed is SeedName.DEMO else None
    except UnusableTenantFileError as error:
        sys.exit(f"--tenant {tenant}: {error}")
    # A tenant keeps its address, so that whoever has noted it down finds the same tenant there.
    kept = kept_port(db) if db is not None and port is None else None
    chosen = port if port is not None else kept or DEFAULT_PORT
    try:
        bound = listen(host, chosen)
    except OSError as error:
        sys.exit(_cannot_listen(host, chosen, error, kept=kept is not None))
    url = f"http://{f'[{host}]' if ':' in host else host}:{bound.getsockname()[1]}"

    def announce() -> None:
        print(_ready(url, token, quiet=quiet), flush=True)  # noqa: T201 - the command's output

    try:
        with bound, alone(db):
            serve(
                bound,
                Tokens(token, read_only_token),
                database=db,
                holding=holding,
                behaviour=behaviour,
                announce=announce,
            )
    except TenantInUseError:
        sys.exit(
            f"--db {db}: another simulator serves this tenant, at port {kept_port(db) if db else port}: use that one, "
            "or stop it; two on one file would undo each other's changes"
        )
    except RefusedRequestError as error:
        sys.exit(f"--tenant {tenant}: {error}; correct the file, or write it again with `pulumi-veza export --twin`")
    except sqlite3.Error as error:
        sys.exit(f"--db {db}: {error}; name a file that the simulator made, or one that does not exist yet")


def _learned(file: Path) -> TenantBehaviour:
    """Read the file of ``--like``; exit with one line where it cannot be used, and print what is left aside."""
    try:
        from veza_simulator import like  # noqa: PLC0415 - takes long to load
    except ModuleNotFoundError as error:
        sys.exit(_missing_package(error))
    try:
        behaviour = like.read(file)
    except like.UnusableBehaviourError as error:
        sys.exit(f"--like {file}: {error}; give a file that `pulumi-veza doctor --learn` wrote")
    if names := behaviour.unknown():
        print(  # noqa: T201 - the command's output
            f"--like {file}: this simulator has no switch {', '.join(names)}, which is left aside: a newer one may",
            file=sys.stderr,
        )
    return behaviour


def main() -> None:
    """Run the command by itself."""
    application = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    application.command(name="veza-simulator")(simulate)
    application()


def _missing_package(error: ModuleNotFoundError) -> str:
    package = (error.name or "veza_simulator").partition(".")[0]
    if package == "veza_simulator":
        raise error
    return f"This needs the package {package!r}: pip install ./simulator, in a checkout of pulumi-veza"


def _ready(url: str, token: str, *, quiet: bool) -> str:
    ready = f"Simulated Veza tenant ready at {url}"
    if quiet:
        return ready
    return f"{ready}\n\n  export VEZA_URL={url}\n  export VEZA_API_KEY={token}\n\nStop it with Ctrl-C."


def _cannot_listen(host: str, port: int, error: OSError, *, kept: bool) -> str:
    if error.errno == errno.EADDRINUSE and kept:
        return (
            f"Port {port} on {host}, the address of this tenant, is in use: stop what uses it (is it running already?)"
            ", or give the tenant another address with --port (0 takes a free one)"
        )
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use: stop what uses it, or choose another with --port (0 takes a free one)"
    return f"Cannot listen on {host} port {port}: {error.strerror or error}"
