"""The rules as policies of the engine. Needs the package ``pulumi-policy``.

A rule that looks at each resource by itself is a resource policy: the engine asks it before it touches the resource.
The others are stack policies: the engine asks them at the end of a preview, and at the end of an update.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from pulumi_veza.errors import UnusableFileError
from pulumi_veza.fields.field_types import integral
from pulumi_veza.plan import preview_json
from pulumi_veza.plan.records import OURS, UNKNOWN, Record
from pulumi_veza.policies import from_engine
from pulumi_veza.policies.catalogue import RULES
from pulumi_veza.policies.checking import excepted
from pulumi_veza.policies.exceptions import DESCRIPTION, NAME, Ledger, find_file, load
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.policies.pulumi_policy_private import UnknownValueError
from pulumi_veza.policies.rule import Options, Rule
from pulumi_veza.policies.settings import DEFAULTS, NOTES, validated
from pulumi_veza.policies.stack import Stack

STATE_VARIABLE: Final = "PULUMI_VEZA_STATE"
"""Names a file that ``pulumi stack export`` wrote: what there was before the change."""


def policies(
    rules: Sequence[Rule] = RULES, *, exceptions: Path | str | None = None, state: Path | str | None = None
) -> list[Policy]:
    """Give the policies of a pack, to be put into a ``PolicyPack`` alone or beside others.

    Args:
        rules: Which ones; every rule where it is left out.
        exceptions: The file of exceptions. Where it is left out: what ``PULUMI_VEZA_EXCEPTIONS`` names, or
            ``veza-exceptions.yaml`` in the project's folder if there is one.
        state: A file that ``pulumi stack export`` wrote, so that a conflict that this change causes can be told from
            one that was there. Where it is left out: what ``PULUMI_VEZA_STATE`` names; or none, and then every
            conflict counts as present.

    Raises:
        UnusableFileError: one of these files cannot be used.
        UnusableFileError: the state is not what the engine writes.

    """
    found = find_file(exceptions)
    named = state or os.environ.get(STATE_VARIABLE)
    run = _Run(Ledger(load(found) if found else ()), _state(Path(named)) if named else None)
    made: list[Policy] = [run.alone(rule) if rule.alone else run.together(rule) for rule in rules]
    if found:
        made.append(run.saying(NAME, DESCRIPTION, run.audit))
    made.append(run.saying(NOTES, "What does not stop, and what was excepted.", run.notes))
    return made


def _state(path: Path) -> list[Record]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UnusableFileError(
            f"{path}: {error.strerror}; write it with `pulumi stack export --file {path}`"
        ) from None
    return preview_json.state(text, str(path))


class _Kept:
    """A stack that several policies are asked about, each once: whoever asks again is asked about another one."""

    def __init__(self) -> None:
        # Replaced as a whole: the SDK answers the engine in several threads.
        self._kept: tuple[str, Stack, set[str]] | None = None

    def get(self, rule: str, key: str, make: Callable[[], Stack]) -> Stack:
        """Give the stack that is kept, or the one that is made now."""
        kept = self._kept
        if kept is None or key != kept[0] or rule in kept[2]:
            kept = self._kept = (key, make(), set())
        kept[2].add(rule)
        return kept[1]


class _Run:
    """What the policies of one pack share during one operation of the engine."""

    def __init__(self, ledger: Ledger, state: Sequence[Record] | None) -> None:
        self._ledger = ledger
        self._state = state
        self._said: list[Finding] = []
        """Everything found that is no violation."""
        self._ran: set[str] = set()
        self._one, self._all = _Kept(), _Kept()

    def alone(self, rule: Rule) -> ResourceValidationPolicy:
        """Make a resource policy."""

        def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
            if args.resource_type.startswith(OURS):
                self._report(rule, self._resource(rule, args), args.get_config(), lambda text, _: report(text, None))

        def remediate(args: ResourceValidationArgs) -> Mapping[str, Any] | None:
            if not args.resource_type.startswith(OURS) or rule.remedy is None:
                return None
            # A dictionary of its own would lose which values are secret: what is given is changed and given back.
            props = cast("MutableMapping[str, Any]", args.props)
            changed = rule.remedy(args.resource_type.removeprefix(OURS), props, _options(rule, args.get_config()))
            return props if changed else None

        return ResourceValidationPolicy(
            rule.name,
            rule.description,
            validate,
            EnforcementLevel(rule.level.value),
            _schema(rule),
            remediate=cast("Any", remediate) if rule.remedy else None,
        )

    def together(self, rule: Rule) -> StackValidationPolicy:
        """Make a stack policy."""

        def validate(args: StackValidationArgs, report: ReportViolation) -> None:
            self._report(rule, self._whole(rule, args), args.get_config(), report)

        return StackValidationPolicy(
            rule.name, rule.description, validate, EnforcementLevel(rule.level.value), _schema(rule)
        )

    def saying(self, name: str, description: str, lines: Callable[[], list[tuple[str, str | None]]]) -> Policy:
        """Make a stack policy that says what the others gathered."""

        def validate(args: StackValidationArgs, report: ReportViolation) -> None:
            del args
            for text, urn in lines():
                report(text, urn)

        return StackValidationPolicy(name, description, validate, EnforcementLevel(DEFAULTS[name].value))

    def audit(self) -> list[tuple[str, str | None]]:
        """Give the exceptions that have expired or allow nothing."""
        return [(finding.text, None) for finding in self._ledger.audit(self._ran)]

    def notes(self) -> list[tuple[str, str | None]]:
        """Give what is undecided or only noted, and the total of what was excepted."""
        told = list(dict.fromkeys(self._said))
        lines: list[tuple[str, str | None]] = [
            (f"{each.rule}: {_noted(each)}", each.urn) for each in told if each.outcome is not Outcome.EXCEPTED
        ]
        if len(lines) < len(told):
            lines.append((excepted(told), None))
        return lines

    def _resource(self, rule: Rule, args: ResourceValidationArgs) -> Stack:
        """Give a stack of one resource; the policies are asked about it one after another."""
        return self._one.get(
            rule.name,
            args.urn,
            lambda: Stack(
                [from_engine.record(args.resource_type, args.urn, _read(args.props), {})], before_known=False
            ),
        )

    def _whole(self, rule: Rule, args: StackValidationArgs) -> Stack:
        """Give the stack; the policies are asked about it one after another."""
        return self._all.get(rule.name, "", lambda: from_engine.stack(_shown(args.resources), self._state))

    def _report(self, rule: Rule, stack: Stack, config: Mapping[str, Any], report: ReportViolation) -> None:
        self._ran.add(rule.name)
        for finding in dict.fromkeys(self._ledger.apply(rule.run(stack, _options(rule, config)))):
            if finding.outcome is Outcome.VIOLATION:
                report(finding.text, finding.urn)
            else:
                self._said.append(finding)


def _shown(resources: Sequence[PolicyResource]) -> list[Record]:
    return [
        from_engine.record(
            each.resource_type,
            each.urn,
            _read(each.props),
            {name: [source.urn for source in sources] for name, sources in each.property_dependencies.items()},
        )
        for each in resources
        if each.resource_type.startswith(OURS)
    ]


def _read(value: Any) -> Any:
    """Read what a policy is shown, with numbers and unknown values as the state has them."""
    # Most values are texts, and asking what else a value may be is slow.
    if type(value) is str:
        return value
    if isinstance(value, Mapping):
        return {name: _item(value, name) for name in value}
    if isinstance(value, Sequence):
        return [_item(value, place) for place in range(len(value))]
    return integral(value)


def _item(values: Any, place: Any) -> Any:
    try:
        return _read(values[place])
    except UnknownValueError:
        return UNKNOWN


def _noted(finding: Finding) -> str:
    return f"{finding.outcome.value}: {finding.text}" if finding.outcome is Outcome.UNDECIDED else finding.text


def _options(rule: Rule, config: Mapping[str, Any]) -> Options:
    return validated(rule, _read(config), "the policy pack's configuration")


def _schema(rule: Rule) -> PolicyConfigSchema | None:
    properties = rule.schema()
    return PolicyConfigSchema(properties) if properties else None
