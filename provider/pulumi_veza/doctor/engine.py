"""Checks of what runs the provider: the backend, the Python of the plugin, the stack's state."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pulumi_veza
from pulumi_veza.doctor import processes
from pulumi_veza.doctor.examination import Diagnosis, ok, problem, skipped, warning
from pulumi_veza.doctor.surroundings import Surroundings
from pulumi_veza.doctor.versions import installed_at
from pulumi_veza.errors import UnusableFileError
from pulumi_veza.plan import preview_json
from pulumi_veza.plan.tenants import recorded_tenants
from pulumi_veza.reports.words import counted

LARGE: Final = 200
"""From so many resources on, writing the state once a run saves minutes."""
FAST: Final = "PULUMI_SKIP_CHECKPOINTS"

_PROGRAM: Final = (
    "import json, sys\n"
    "found = {'python': '.'.join(map(str, sys.version_info[:3]))}\n"
    "try:\n"
    "    import pulumi_veza\n"
    "    found.update(version=pulumi_veza.__version__, file=pulumi_veza.__file__)\n"
    "except Exception as error:\n"
    "    found['error'] = type(error).__name__ + ': ' + str(error)\n"
    "print(json.dumps(found))\n"
)
_VIRTUALENV: Final = "PULUMI_RUNTIME_VIRTUALENV"
_COMMAND: Final = "PULUMI_PYTHON_CMD"


def backend(surroundings: Surroundings) -> Diagnosis:
    """Look where the states are kept, and whether one is logged in there."""
    found = surroundings.backend
    if found is None:
        return warning("no backend is chosen", "run `pulumi login`, or set PULUMI_BACKEND_URL")
    parts = urlsplit(found)
    if parts.scheme == "file":
        return _folder(f"{parts.netloc}{parts.path}")
    if parts.scheme in {"https", "http"}:
        return _service(f"the service at {parts.hostname}", surroundings)
    return ok(f"a {parts.scheme} backend; whether it can be used was not tried")


def _folder(path: str) -> Diagnosis:
    # As the engine reads it: file://~ is the home folder, file://. the current one.
    if os.access(Path(url2pathname(path)).expanduser(), os.W_OK):
        return ok("a file backend, in a folder of this machine")
    return problem("the folder of the file backend is not there, or cannot be written", "run `pulumi login`")


def _service(where: str, surroundings: Surroundings) -> Diagnosis:
    if surroundings.offline or surroundings.pulumi is None:
        return ok(f"{where}; whether one is logged in was not tried")
    ran = surroundings.engine("whoami")
    if ran.code != 0:
        return problem(f"{where}, and nobody is logged in: {ran.error}", "run `pulumi login`")
    return ok(f"{where}, logged in")


def plugin(surroundings: Surroundings) -> Diagnosis:
    """Look whether the Python that the engine's plugin starts has this package, in this version."""
    command, chosen = _python(surroundings)
    if command is None:
        return problem(
            f"the engine finds no Python for the provider: {chosen}", "create it, or put python3 on the PATH"
        )
    ran = processes.run([command, "-c", _PROGRAM], surroundings.folder)
    try:
        found = json.loads(ran.out.strip().splitlines()[-1])
    except (ValueError, IndexError):
        return problem(f"{chosen} does not run: {ran.error}", "repair it, or put another python3 first on the PATH")
    said = f"{chosen} is Python {found.get('python')}"
    remedy = (
        f"install it there as it was installed here ({command} -m pip install, with the same checkout or wheel), "
        "or put the right python3 first on the PATH"
    )
    if "version" not in found:
        return problem(f"{said} and cannot import pulumi_veza: {found.get('error')}", remedy)
    own = pulumi_veza.__version__
    if found["version"] != own:
        return problem(f"{said} and has pulumi-veza {found['version']}, while this is {own}", remedy)
    if Path(str(found["file"])).resolve().parent != installed_at():
        return ok(f"{said} with another installation of pulumi-veza {own}")
    return ok(f"{said} with pulumi-veza {own}")


def state_tenant(surroundings: Surroundings) -> Diagnosis:
    """Look whether the stack's state is of the tenant that the settings name."""
    if surroundings.exported is None:
        return _no_state(surroundings)
    try:
        tenants = sorted(recorded_tenants(preview_json.state(surroundings.exported)))
    except UnusableFileError as error:
        return skipped(str(error))
    if not tenants:
        return ok("the state names no tenant yet")
    settings = surroundings.settings
    if settings is None:
        return skipped(f"the state is of {' and '.join(tenants)}; there is no address to compare it with")
    if tenants == [settings.url]:
        return ok(f"the state is of {settings.url}")
    return problem(
        f"the state is of {' and '.join(tenants)}, and the settings name {settings.url}",
        "set veza:url (VEZA_URL) to the tenant of the stack; every operation against another one is refused",
    )


def _no_state(surroundings: Surroundings) -> Diagnosis:
    """Return why there is no state: a problem only where the user has named a stack, and the engine has none."""
    export = surroundings.export
    if export is None or not surroundings.stack_is_named:
        return skipped("no state of a stack that can be read")
    return problem(
        f"the state of the stack {surroundings.stack} cannot be exported: {export.error}",
        "write a name that `pulumi stack ls` lists, or create the stack with `pulumi stack init`",
    )


def checkpoints(surroundings: Surroundings) -> Diagnosis:
    """Recommend the fast mode to a large stack where the next run finds again what a killed one has made."""
    resources = _deployed(surroundings, "resources")
    if isinstance(resources, Diagnosis):
        return resources
    said = counted(len(resources), "resource")
    fast = os.environ.get(FAST, "").lower() in {"true", "1"}
    never = sum(map(_never_adopts, resources))
    if fast and never:
        return warning(
            f'{said} in fast mode, {never:,} of them with adopt="never": what a killed run creates of these is in no '
            "state, and the next run does not take it over",
            f"take {FAST} away for the runs that create such resources (docs/scale.md)",
        )
    if fast or never or len(resources) <= LARGE:
        return ok(f"{said} in fast mode" if fast else said)
    return ok(said, f"a hint: {FAST}=true writes the state once a run, which saves minutes (docs/scale.md)")


def _never_adopts(resource: object) -> bool:
    inputs = resource.get("inputs") if isinstance(resource, dict) else None
    return isinstance(inputs, dict) and inputs.get("adopt") == "never"


def interrupted_update(surroundings: Surroundings) -> Diagnosis:
    """Look whether an update of the stack was killed, so that its state does not know how it ended."""
    pending = _deployed(surroundings, "pending_operations")
    if isinstance(pending, Diagnosis):
        return pending
    if not pending:
        return ok("no update of the stack was killed")
    resources = _deployed(surroundings, "resources")
    there = {_urn(each) for each in resources} if isinstance(resources, list) else set()
    if all(isinstance(each, dict) and each.get("type") == "creating" and _urn(each) in there for each in pending):
        return ok(
            "an update of the stack was killed, and a later one has done what it left open",
            f"a hint: {_CLEAR} ends the warning of the engine",
        )
    return warning(
        f"a run of the stack is on, or was killed: the state does not know how {counted(len(pending), 'operation')} "
        "ended",
        "if no run is on, run `pulumi up` again, which finds what was made; where it says that the stack is locked, "
        f"`pulumi cancel` first. The engine warns until {_CLEAR}",
    )


_CLEAR: Final = "`pulumi refresh --clear-pending-creates`"


def _urn(part: object) -> str | None:
    """Return the URN of a resource of the state, or of a pending operation on one."""
    held = part.get("resource", part) if isinstance(part, dict) else None
    return held.get("urn") if isinstance(held, dict) else None


def _deployed(surroundings: Surroundings, part: str) -> list[object] | Diagnosis:
    """Return a part of what is deployed, or why the state says nothing of it."""
    if surroundings.exported is None:
        return skipped("no state of a stack that can be read")
    try:
        found = json.loads(surroundings.exported)["deployment"].get(part) or []
    except (ValueError, KeyError, TypeError, AttributeError):
        found = None
    return found if isinstance(found, list) else skipped("the state cannot be read")


def _python(surroundings: Surroundings) -> tuple[str | None, str]:
    """Return the Python that the plugin's script starts, as that script chooses it, and how it was chosen."""
    project = surroundings.usable_project
    options = project.runtime if project else {}
    folder = project.folder if project else surroundings.folder
    named = os.environ.get(_VIRTUALENV) or options.get("virtualenv")
    if not named and options.get("toolchain") == "uv":
        named = ".venv"
    if not named and options.get("toolchain") == "poetry":
        named = processes.run(["poetry", "env", "info", "--path"], folder).out.strip() or "of poetry"
    if named:
        for place in ("bin/python", "Scripts/python.exe"):
            if (folder / str(named) / place).is_file():
                return str(folder / str(named) / place), "the python of the project's virtual environment"
        return None, f"the virtual environment {named} of the project is not there"
    command = os.environ.get(_COMMAND) or "python3"
    found = shutil.which(command)
    return found, f"the first {command} on the PATH" if found else f"there is no {command} on the PATH"
