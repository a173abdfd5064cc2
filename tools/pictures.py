"""Draw the pictures of the documentation: the output of the commands about the quickstart, on engine and simulator.

Run ``python -m tools.pictures`` in the root of the repository after a change of a command's output; ``--check`` only
checks whether the pictures are up to date. They are the same in every run.
"""

from __future__ import annotations

import argparse
import io
import os
import pty
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text
from tests.support.stack import Stack
from tests.support.tenant import Tenant

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
QUICKSTART = ROOT / "examples" / "quickstart"
POLICIES = ROOT / "examples" / "github-actions" / "policies.json"
COLUMNS = 108
SHOWN_TENANT = "https://acme.vezacloud.com"

# The changes of the quickstart in the pictures of the impact and of the policies.
LEAVING = ('"id-olivia.grant"', '"id-pablo.serrano"')
NO_REPORTS = (
    '        {"entity_type": "ActiveDirectoryGroup", "datasource_id": "ad-corp", "entity_id": "CN=SalesReports"},\n',
    "",
)
ADMINS = ('"entity_id": "CN=SalesReports"', '"entity_id": "CN=Domain Admins"')
# The changes of the quickstart in the picture of the inheritance.
NO_DIRECTORY = ("inherits_from=[crm.id, directory.id]", "inherits_from=[crm.id]")
A_LEAD = """
lead = veza.AccessProfile(
    "lead",
    name="Sales Lead",
    profile_type=business_role.id,
    description="Leads a team of sellers",
    inherits_from=[seller.id, directory.id],
)
"""

# The library's own format, without the font that it would fetch.
FORMAT = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<style>
.{unique_id}-matrix {{
font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace;
font-size: {char_height}px; line-height: {line_height}px;
}}
.{unique_id}-title {{ font-family: system-ui, sans-serif; font-size: 18px; font-weight: bold }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def pictures(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the SVG of every picture."""
    with Tenant.start(seed="demo") as tenant:
        stack = Stack.create(folder / "stack", QUICKSTART, environment=tenant.env())
        try:
            yield from _of(stack)
        finally:
            stack.close()


def _of(stack: Stack) -> Iterator[tuple[str, str]]:
    stack.up(skip_preview=True)
    program = (stack.project / "__main__.py").read_text()

    stack.write(_edited(program, LEAVING, NO_REPORTS))
    yield "impact.svg", terminal(stack, "pulumi-veza impact")

    stack.write(_edited(program, LEAVING, ADMINS))
    (stack.project / "policies.json").write_text(POLICIES.read_text())
    preview(stack)
    yield "policies.svg", terminal(stack, "pulumi-veza policy check preview.json --config policies.json")

    stack.write(_edited(program, NO_DIRECTORY) + A_LEAD)
    preview(stack)
    yield "inheritance.svg", run(stack, ["pulumi-veza", "graph", "preview.json", "--format", "svg"])


def _edited(program: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        if program.count(old) != 1:
            raise LookupError(f"the quickstart has {program.count(old)} times {old!r}, not once: correct this program")
        program = program.replace(old, new)
    return program


def preview(stack: Stack) -> None:
    """Write the preview into the project's folder."""
    shown = stack.run("preview", "--json", "--show-sames")
    (stack.project / "preview.json").write_text(shown.stdout)


def run(stack: Stack, command: list[str]) -> str:
    """Run a command in the project's folder and return its output."""
    return subprocess.run(
        command, cwd=stack.project, env=_environment(stack), stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def terminal(stack: Stack, command: str) -> str:
    """Run a command in a terminal and return the terminal as SVG."""
    reading, writing = pty.openpty()
    with subprocess.Popen(
        command.split(), cwd=stack.project, env=_environment(stack), stdin=subprocess.DEVNULL, stdout=writing
    ):
        os.close(writing)
        written = b"".join(_chunks(reading))
        os.close(reading)
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="standard")
    console.print(Text.assemble(("$ ", "dim"), (command, "bold")))
    # The port is another one in every run.
    shown = written.decode().replace("\r\n", "\n").replace(str(stack.environment["VEZA_URL"]), SHOWN_TENANT)
    console.print(Text.from_ansi(shown.rstrip()))
    console.print()
    return console.export_svg(title="", code_format=FORMAT, unique_id="terminal")


def _chunks(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # the end of a terminal whose writers are gone
            return
        if not chunk:
            return
        yield chunk


def _environment(stack: Stack) -> dict[str, str]:
    ours = {"COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    return {name: value for name, value in stack._environment().items() if name != "NO_COLOR"} | ours  # noqa: SLF001


def main() -> int:
    """Write the pictures that have changed, or check them; return the exit code."""
    parser = argparse.ArgumentParser(description="Draw the pictures of the documentation from real runs.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail where a picture is out of date")
    parser.add_argument("--into", type=Path, default=PICTURES, help="the folder of the pictures (docs/pictures)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        drawn = dict(pictures(Path(folder)))
    there = {file.name: file.read_text() for file in options.into.glob("*.svg")}
    stale = sorted(name for name in drawn if there.get(name) != drawn[name])
    if stale and options.check:
        print(f"Out of date: {', '.join(stale)}. Run `make pictures`.", file=sys.stderr)
        return 1
    options.into.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (options.into / name).write_text(drawn[name])
        print(f"Drawn: {name}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
