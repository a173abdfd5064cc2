"""The steps of a rehearsal: read the tenant, start its twin, copy the stack, preview, `up`, and compare."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import typer

from pulumi_veza.access import tenant as live_tenant
from pulumi_veza.access.organisation import Organisation
from pulumi_veza.cli import engine, inputs
from pulumi_veza.cli.progress import bars
from pulumi_veza.cli.scratch_stack import ScratchStack
from pulumi_veza.client.address import MOVED, ONLY, tenant_move
from pulumi_veza.client.client import Client
from pulumi_veza.client.settings import Settings
from pulumi_veza.errors import EngineCommandError, RefusedError
from pulumi_veza.impact import building
from pulumi_veza.impact.document import Document
from pulumi_veza.impact.identities import with_identities
from pulumi_veza.impact.rehearsal_outcome import Rehearsal
from pulumi_veza.plan import preview_json, records
from pulumi_veza.plan.by_hand import changed_by_hand
from pulumi_veza.plan.planning import confirmations
from pulumi_veza.plan.records import Record
from pulumi_veza.plan.tenants import recorded_tenants, refuse_other_tenants
from pulumi_veza.provider.lifecycle import GUARD
from pulumi_veza.rehearsal import comparison, engine_output, isolation
from pulumi_veza.rehearsal.isolation import ConfigValue, Twin
from pulumi_veza.rehearsal.server import TwinServer
from pulumi_veza.reports.words import listed, people
from pulumi_veza.resources.version_selector import parse_version_id
from pulumi_veza.twin import document as twin_document
from pulumi_veza.twin import reading
from pulumi_veza.twin.document import Json

_OF_TENANT: Final = (MOVED, GUARD, "VEZA_REQUESTS_PER_SECOND", "VEZA_CA_BUNDLE")
"""Variables that are about the tenant, or about how a preview of it is run."""


@dataclass(frozen=True)
class _StackCopy:
    """What is copied of a stack, with secrets as plain text."""

    name: str
    state: Mapping[str, Any]
    records: Sequence[Record]
    configuration: Mapping[str, ConfigValue]

    @property
    def versions(self) -> set[tuple[str, int]]:
        """The versions that resources name by number, which the twin must have as well."""
        ids = [each.id for each in self.records if each.kind in {records.VERSION, records.MEMBERS} and each.id]
        parsed = map(parse_version_id, ids)
        return {(profile, int(selector)) for profile, selector in parsed if selector.isdecimal()}


@dataclass(frozen=True)
class _Original:
    """The tenant that is rehearsed, as a document."""

    document: Json
    tenants: frozenset[str]
    """Its addresses; empty where neither the state nor the document names one."""
    settings: Settings | None = None
    """How the tenant itself is asked; None where a twin's file stands for it."""
    notes: Sequence[str] = field(default_factory=list)
    """What of it could not be read."""


def rehearsed(
    file: Path | None,
    stack: str | None,
    folder: Path | None,
    *,
    like: Path | None,
    refresh: bool,
    valid_at: str | None,
) -> Document:
    """Return the document of a rehearsal.

    Args:
        file: A twin's file; the tenant is read where it is None.
        stack: The stack; the selected one where it is None.
        folder: The project's folder; the current one where it is None.
        like: A file of `pulumi-veza doctor --learn`, by which the twin answers as the tenant does.
        refresh: Whether to refresh the copied state first.
        valid_at: A mark that sorts documents by age.

    Raises:
        VezaError: it could not be rehearsed. The message is one line.

    """
    copied = _copy(stack, folder)
    isolation.refuse_other_providers(isolation.resources_in(copied.state))
    original = _from_file(file, copied) if file else _from_tenant(copied)
    with TwinServer(like) as server:
        _say("starting the twin")
        server.seed(original.document)
        key = original.settings.api_key if original.settings else None
        twin = Twin(server.url, server.key, original.tenants, key)
        environment = {
            **dict.fromkeys(_OF_TENANT),
            "VEZA_URL": twin.url,
            "VEZA_API_KEY": twin.key,
            ONLY: twin.url,
        }
        with ScratchStack(folder or Path(), copied.name, environment) as scratch:
            _fill(scratch, copied, twin)
            if refresh:
                _say("refresh")
                scratch.run("refresh", "--yes", "--skip-preview")
            return _run(scratch, copied, original, server, valid_at)


def _copy(stack: str | None, folder: Path | None) -> _StackCopy:
    text = engine.export_state_text(stack, folder, show_secrets=True)
    found = preview_json.state(text)
    return _StackCopy(
        engine.stack_name(stack, folder),
        json.loads(text),
        found,
        {
            name: ConfigValue(each.get("objectValue", each.get("value")), bool(each.get("secret")))
            for name, each in inputs.configuration(stack, folder).items()
        },
    )


def _from_tenant(copied: _StackCopy) -> _Original:
    """Read the tenant."""
    texts = {name: each.value for name, each in copied.configuration.items() if isinstance(each.value, str)}
    settings, move = inputs.settings_with(texts), tenant_move()
    addresses = frozenset({settings.url, *([move.old] if move and move.new == settings.url else [])})
    refuse_other_tenants(copied.records, (), settings.url, move)
    isolation.refuse_other_addresses(copied.state, addresses)
    _say(f"reading the tenant {settings.url}")
    with Client(settings=settings) as client, bars() as shown:
        content = reading.read(client, shown, also=copied.versions)
    return _Original(twin_document.document(content), addresses, settings, content.unreadable)


def _from_file(file: Path, copied: _StackCopy) -> _Original:
    """Read a twin's file; the tenant is not asked for anything."""
    found = twin_document.load(file)
    if found.anonymised:
        raise RefusedError(
            f"{file} is anonymised, so its people are none that the program knows: rehearse on one that was written "
            "without --anonymise"
        )
    recorded = recorded_tenants(copied.records)
    addresses = frozenset({found.tenant} if found.tenant else recorded)
    if found.tenant:
        refuse_other_tenants(copied.records, (), found.tenant, tenant_move())
        addresses |= recorded
    elif len(recorded) > 1:
        raise RefusedError(
            f"this stack is about several tenants, {' and '.join(sorted(recorded))}: a rehearsal knows one; rehearse "
            "stacks of one tenant each"
        )
    isolation.refuse_other_addresses(copied.state, addresses)
    known = {profile for profile, _ in twin_document.versions_in(found.document)}
    lacking = {key for key in copied.versions - twin_document.versions_in(found.document) if key[0] in known}
    notes = [f"version {number} of access profile {profile}, which the state names" for profile, number in lacking]
    return _Original(found.document, addresses, notes=sorted(notes))


def _fill(scratch: ScratchStack, copied: _StackCopy, twin: Twin) -> None:
    """Copy the configuration and the state."""
    values = isolation.configuration_on_twin(copied.configuration, twin)
    scratch.configure({name: each.value for name, each in values.items() if not each.secret})
    for name, each in values.items():
        if each.secret:
            scratch.configure_secret(name, each.value if isinstance(each.value, str) else json.dumps(each.value))
    own = json.loads(scratch.run("stack", "export").stdout)
    state = isolation.state_on_twin(copied.state, twin)
    state["deployment"]["secrets_providers"] = own["deployment"].get("secrets_providers")
    file = scratch.write("state.json", json.dumps(state))
    scratch.run("stack", "import", "--file", str(file))
    file.unlink()


def _run(
    scratch: ScratchStack, copied: _StackCopy, original: _Original, server: TwinServer, valid_at: str | None
) -> Document:
    """Preview, `up`, and compare."""
    tenants = sorted(original.tenants)
    _say("preview")
    previewed = scratch.run("preview", "--json", "--show-sames", may_fail=True, environment={GUARD: "report"})
    if previewed.returncode:
        if failure := engine_output.program_failure(previewed.stdout):
            raise EngineCommandError(failure)
        refusals = engine_output.refusals(previewed.stdout, previewed.stderr)
        found = building.build(copied.records, None, valid_at).model_copy(update={"tenants": tenants})
        return found.model_copy(update={"rehearsal": Rehearsal(done=False, refusals=refusals)})
    preview = preview_json.read(previewed.stdout)
    steps = json.loads(previewed.stdout).get("steps") or ()
    isolation.refuse_other_providers(state for each in steps if (state := each.get("newState")))
    of_twin = Settings(url=server.url, api_key=server.key)
    with Client(settings=of_twin) as client, Client(settings=original.settings or of_twin) as source:
        before = live_tenant.organisation(client)
        _say_by_hand(preview.records, before)
        confirmed = confirmations(preview.configuration)
        predicted = building.build(
            preview.records, before, valid_at, confirmations=confirmed, tenants=tenants, refusals=preview.refusals
        )
        # The twin knows members alone, and not who is to become one.
        predicted = with_identities(predicted, source)
        _say("up")
        done = scratch.run("up", "--yes", "--skip-preview", "--json", may_fail=True)
        after = live_tenant.organisation(client)
    run = comparison.EngineRun(
        done=not done.returncode,
        refusals=engine_output.refusals(done.stdout, done.stderr) if done.returncode else [],
        changes=engine_output.changes(done.stdout),
    )
    notes = [*original.notes, *_strangers(predicted, before)]
    happened = comparison.rehearsal(predicted, before, after, server.access_requests(), run, notes)
    unread = twin_document.without_members(original.document)
    return predicted.model_copy(update={"rehearsal": happened.model_copy(update={"unread": unread})})


def _strangers(predicted: Document, before: Organisation) -> list[str]:
    """Return a note about the people who join and whom the twin does not know."""
    known = {who for members in before.members.values() for who in members} | predicted.identities.keys()
    joining = {member.id for profile in predicted.profiles for member in profile.joining} - known
    if not joining:
        return []
    which = "exists who joins and is a member" if len(joining) == 1 else "exist who join and are members"
    return [f"whether {people(len(joining))} {which} of no profile of the tenant yet: {listed(joining, most=5)}"]


def _say_by_hand(everything: Sequence[Record], before: Organisation) -> None:
    """Print the profiles that somebody changed by hand, which `up` leaves as they are."""
    if changed := changed_by_hand(everything, before):
        _say(
            f"changed by hand since the last refresh: {listed(changed, most=5)}; `pulumi up` leaves it as it is where "
            "the program does not change, and --refresh rehearses what a refresh makes of it"
        )


def _say(what: str) -> None:
    typer.echo(what, err=True)
