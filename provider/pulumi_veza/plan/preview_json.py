"""Parse the engine's files: a preview in JSON, or an exported state."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from pulumi_veza.errors import PreviewFailedError, UnusableFileError, one_line
from pulumi_veza.plan.engine_messages import cleaned
from pulumi_veza.plan.records import HIDDEN, Record, stack_in
from pulumi_veza.plan.sources import shared_lines, source
from pulumi_veza.reports.findings import Source
from pulumi_veza.rules.tenant import ANNOUNCEMENT
from pulumi_veza.rules.wording import CONFIRM_THIS_CHANGE, WILL_BE_REFUSED

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
"""The key by which the engine marks a wrapped value."""

_REPLACING: Final = frozenset(
    {"replace", "create-replacement", "delete-replaced", "read-replacement", "import-replacement"}
)

_OPS: Final = {
    "same": "same",
    "create": "create",
    "update": "update",
    "delete": "delete",
    "read": "read",
    "refresh": "same",
    "import": "same",
}
"""By operation of the engine, the operation of a record; the other operations change only the state."""


@dataclass(frozen=True)
class Preview:
    """What a preview says."""

    records: list[Record]
    """Its resources, with those of other providers."""
    configuration: Mapping[str, str]
    """The stack's configuration, without what is secret."""
    tenants: Sequence[str]
    """The addresses of the tenants that it said it is about: a new stack has no state that would name one."""
    refusals: Sequence[str] = ()
    """What it said that the provider will refuse, where it was run so that it shows every refusal."""


def preview(text: str, what: str = "the preview") -> list[Record]:
    """Return the resources of a preview, as `read` parses it."""
    return read(text, what).records


@contextmanager
def _readable(what: str) -> Iterator[None]:
    try:
        yield
    except RecursionError:
        raise UnusableFileError(f"{what} is not JSON that can be read: it is nested too deeply") from None


def read(text: str, what: str = "the preview", *, ran: bool = False) -> Preview:
    """Parse the output of ``pulumi preview --json --show-sames``.

    Args:
        text: The output.
        what: What errors call it.
        ran: Whether the preview was run so that every refused removal is in it.

    Raises:
        UnusableFileError: it is empty, truncated, of another format, or the preview failed. The message is one line.

    """
    with _readable(what):
        return _read(text, what, ran=ran)


def _read(text: str, what: str, *, ran: bool) -> Preview:
    data = _object(text, what, "run `pulumi preview --json` again and write all it prints to stdout")
    _refuse_failed(data, what, ran=ran)
    steps = data.get("steps")
    if steps is None and {"duration", "changeSummary"} & data.keys():
        steps = []
    if not isinstance(steps, list):
        reason = "this is an exported state" if "deployment" in data else "there are no steps in it"
        if "sequence" in data:
            reason = "this is the engine's stream of events (unset PULUMI_ENABLE_STREAMING_JSON_PREVIEW)"
        raise UnusableFileError(f"{what} is not what `pulumi preview --json` writes: {reason}")
    by_urn: dict[str, list[Mapping[str, Any]]] = {}
    for step in steps:
        if not isinstance(step, Mapping) or not isinstance(step.get("urn"), str):
            raise UnusableFileError(
                f"{what} has a step that names no resource; it was not written by `pulumi preview --json`"
            )
        states = (step.get("oldState"), step.get("newState"))
        if not isinstance(step.get("op"), str) or not all(each is None or _is_resource(each) for each in states):
            raise UnusableFileError(
                f"{what} has a step that cannot be read, about {one_line(step['urn'])}; it was not written by "
                "`pulumi preview --json`, or changed since"
            )
        by_urn.setdefault(step["urn"], []).append(step)
    shared = shared_lines(step["newState"] for step in steps if step.get("newState"))
    found = [record for each in by_urn.values() for record in _records(each, what, shared)]
    _refuse_omissions(data, steps, found, what)
    return Preview(found, _configuration(data), _tenants(data), _refusals(data))


def _tenants(data: Mapping[str, Any]) -> list[str]:
    # An explicit provider says its own.
    begin = f"info: {ANNOUNCEMENT}"
    messages = (str(each.get("message")) for each in _diagnostics(data))
    return sorted({line.removeprefix(begin).strip() for line in messages if line.startswith(begin)})


def _refusals(data: Mapping[str, Any]) -> list[str]:
    messages = (str(each.get("message")).strip().partition(f": {WILL_BE_REFUSED}") for each in _diagnostics(data))
    return sorted({said for resource, _, said in messages if said and resource.startswith("warning: ")})


def _configuration(data: Mapping[str, Any]) -> dict[str, str]:
    found = data.get("config")
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, Mapping) else {}


def _diagnostics(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = data.get("diagnostics")
    return [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []


def state(text: str, what: str = "the state") -> list[Record]:
    """Parse the output of ``pulumi stack export``; nothing changes, so old and new inputs are the same.

    Raises:
        UnusableFileError: it is empty, truncated, or of another format. The message is one line.

    """
    with _readable(what):
        return _state(text, what)


def _state(text: str, what: str) -> list[Record]:
    data = _object(text, what, "run `pulumi stack export` again")
    deployment = data.get("deployment")
    if not isinstance(deployment, Mapping):
        raise UnusableFileError(f"{what} is not what `pulumi stack export` writes: there is no deployment in it")
    resources = deployment.get("resources") or []
    if not isinstance(resources, list) or not all(_is_resource(each) for each in resources):
        raise UnusableFileError(
            f"{what} has a resource that cannot be read; it was not written by `pulumi stack export`"
        )
    kept = [each for each in resources if not each.get("delete")]
    shared = shared_lines(kept)
    return [_record("read" if each.get("external") else "same", each, each, shared) for each in kept]


def is_state(text: str) -> bool:
    """Return whether a text is an exported state rather than a preview."""
    return "deployment" in _keys(text)


def is_preview(text: str) -> bool:
    """Return whether a text is a preview rather than an exported state."""
    return bool({"steps", "duration", "changeSummary"} & _keys(text))


def _keys(text: str) -> Set[str]:
    """Return the keys of a JSON object; none where a text is no such object."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return frozenset()
    return data.keys() if isinstance(data, Mapping) else frozenset()


def _is_resource(value: Any) -> bool:
    """Return whether a value has the shape of a resource, in the fields that are read here."""
    if not isinstance(value, Mapping) or not isinstance(value.get("urn"), str):
        return False
    texts = (value.get(name) for name in ("type", "id", "modified"))
    values = (value.get(name) for name in ("inputs", "outputs", "propertyDependencies"))
    return (
        all(each is None or isinstance(each, str) for each in texts)
        and all(each is None or isinstance(each, Mapping) for each in values)
        and all(_are_texts(each or []) for each in (value.get("propertyDependencies") or {}).values())
        and isinstance(value.get("stackTrace") or [], list)
    )


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _object(text: str, what: str, again: str) -> Mapping[str, Any]:
    if not text.strip():
        raise UnusableFileError(f"{what} is empty; {again}")
    try:
        data = json.loads(text)
    except ValueError:
        if _is_event_stream(text):
            reason = "it is the engine's stream of events (unset PULUMI_ENABLE_STREAMING_JSON_PREVIEW)"
        else:
            reason = "it is cut off, or something else was written into it"
        raise UnusableFileError(f"{what} is not one JSON object: {reason}; {again}") from None
    if not isinstance(data, Mapping):
        raise UnusableFileError(f"{what} is not a JSON object; {again}")
    return data


def _is_event_stream(text: str) -> bool:
    """Return whether a text begins with an event, as the engine writes one in each line of a stream."""
    try:
        first, _ = json.JSONDecoder().raw_decode(text.lstrip())
    except ValueError:
        return False
    return isinstance(first, Mapping) and "sequence" in first


def _refuse_failed(data: Mapping[str, Any], what: str, *, ran: bool) -> None:
    errors = [str(each.get("message", "")) for each in _diagnostics(data) if each.get("severity") == "error"]
    if errors:
        # A summary, as of a preview with a policy pack, is better than nothing.
        first = next(filter(None, map(cleaned, errors)), "") or one_line(errors[0]).removeprefix("error: ")
        instead = "; `pulumi-veza impact` without a file runs the preview so that every refused removal is shown"
        text = (
            f"{what} failed, so what would change is not known: {first[:500]} (the engine stops at the first error, "
            f"and more may follow{'' if ran else instead})"
        )
        raise PreviewFailedError(
            text, reason=first, refused=CONFIRM_THIS_CHANGE in first, stacks=tuple(sorted(_stacks(data)))
        )


def _stacks(data: Mapping[str, Any]) -> set[str]:
    """Return the stacks that a preview names, also one that stopped before its first resource of this provider."""
    steps = data.get("steps")
    found = [*(steps if isinstance(steps, list) else []), *_diagnostics(data)]
    urns = (str(each.get("urn") or "") for each in found if isinstance(each, Mapping))
    return {stack_in(urn) for urn in urns} - {""}


def _refuse_omissions(
    data: Mapping[str, Any], steps: list[Mapping[str, Any]], found: Iterable[Record], what: str
) -> None:
    """Raise an error for a preview without its unchanged resources: heirs of changed profiles would be unknown."""
    summary = data.get("changeSummary")
    count = summary.get("same") if isinstance(summary, Mapping) else None
    same = count if isinstance(count, int) else 0
    shown = sum(step.get("op") == "same" for step in steps)
    if shown < same and any(record.kind and record.op not in {"same", "read"} for record in found):
        raise UnusableFileError(
            f"{what} leaves out {same - shown} resources that stay the same, and what changes for their members is not "
            "known without them; write it with `pulumi preview --json --show-sames`"
        )


def _records(steps: list[Mapping[str, Any]], what: str, shared: Sequence[Source]) -> Iterator[Record]:
    """Yield one record for the steps of a URN, and another for an object that an interrupted run left to delete."""
    replacing = [step for step in steps if step.get("op") in _REPLACING]
    if replacing:
        old = next((step["oldState"] for step in replacing if step.get("oldState")), None)
        new = next((step["newState"] for step in replacing if step.get("newState")), None)
        yield _checked("replace", old, new, what, steps, shared)
    others = [step for step in steps if step.get("op") in _OPS]
    if len(others) > 1:
        # The next step starts from the result of the refresh, so the refresh itself is left out.
        others = [step for step in others if step["op"] != "refresh"]
    for step in others:
        yield _checked(_OPS[step["op"]], step.get("oldState"), step.get("newState"), what, steps, shared)


def _checked(
    op: str, old: Any, new: Any, what: str, steps: Iterable[Mapping[str, Any]], shared: Sequence[Source]
) -> Record:
    needed = {"delete": [old], "replace": [old, new], "update": [old, new]}.get(op, [new])
    if not all(isinstance(each, Mapping) for each in needed):
        urn = next(iter(steps))["urn"]
        raise UnusableFileError(
            f"{what} does not say what {urn} is before or after: it was written by an engine that is too old, or "
            "changed since; write it with Pulumi 3.254 or later"
        )
    if op == "delete" and (old.get("retainOnDelete") or old.get("deletedWith")):
        op = "retain"
    if op in {"same", "create"} and (new or {}).get("external"):
        op = "read"
    return _record(op, new if op == "read" else old, new, shared)


def _record(op: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, shared: Sequence[Source]) -> Record:
    either = {**(old or {}), **(new or {})}
    dependencies: Mapping[str, Any] = either.get("propertyDependencies") or {}
    return Record(
        urn=str(either["urn"]),
        type=str(either.get("type") or ""),
        id=((old or {}).get("id") or (new or {}).get("id")) or None,
        op=op,
        old_inputs=_values(old, "inputs"),
        old_outputs=_values(old, "outputs"),
        new_inputs=_values(new, "inputs") if op not in {"delete", "retain"} else None,
        property_dependencies={name: urns or [] for name, urns in dependencies.items()},
        ignored=tuple(each for each in either.get("ignoreChanges") or () if isinstance(each, str)),
        # What has left the program was declared at a line that may be another one by now, or gone.
        source=source(either, shared) if new is not None else None,
        modified=either.get("modified"),
    )


def _values(state_: Mapping[str, Any] | None, name: str) -> Mapping[str, Any] | None:
    if state_ is None:
        return None
    values = state_.get(name) or {}
    return {key: _opened(value) for key, value in values.items() if key != "__provider"}


def _opened(value: Any) -> Any:
    """Return a value without the engine's wrapping; a secret is ``HIDDEN``, unless it was exported as plain text."""
    if isinstance(value, Mapping):
        if _SIGNATURE in value:
            return json.loads(value["plaintext"]) if "plaintext" in value else HIDDEN
        return {key: _opened(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_opened(each) for each in value]
    return value
