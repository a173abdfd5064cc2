"""The rules as policies of the engine. Needs the package ``pulumi-policy``.

A rule that checks each resource by itself is a resource policy, which the engine runs before it changes the resource.
The others are stack policies, which it runs at the end of a preview and at the end of an update.
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
from pulumi_veza.plan.planning import confirmations
from pulumi_veza.plan.records import OURS, UNKNOWN, Record
from pulumi_veza.policies import from_engine
from pulumi_veza.policies.catalogue import RULES
from pulumi_veza.policies.checking import excepted, in_order
from pulumi_veza.policies.exceptions import DESCRIPTION, NAME, Ledger, find_file, load, to_write
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.policies.grouping import Group, grouped
from pulumi_veza.policies.pulumi_policy_private import UnknownValueError
from pulumi_veza.policies.rule import Options, Rule
from pulumi_veza.policies.settings import DEFAULTS, NOTES, validated
from pulumi_veza.policies.stack import Stack
from pulumi_veza.reports.files import read_text

STATE_VARIABLE: Final = "PULUMI_VEZA_STATE"
"""The environment variable with the path of an exported state, for the organisation before the change."""


def policies(
    rules: Sequence[Rule] = RULES, *, exceptions: Path | str | None = None, state: Path | str | None = None
) -> list[Policy]:
    """Return policies for a ``PolicyPack``, which may contain others as well.

    Args:
        rules: The rules; by default all of the catalogue.
        exceptions: The file of exceptions; by default the one in ``PULUMI_VEZA_EXCEPTIONS``, or
            ``veza-exceptions.yaml`` in the project's folder if it exists.
        state: A file that ``pulumi stack export`` wrote, which distinguishes conflicts that the change causes from
            earlier ones; by default the one in ``PULUMI_VEZA_STATE``. Without a state every conflict counts as present.

    Raises:
        UnusableFileError: one of these files cannot be read or is of another format.

    """
    found = find_file(exceptions)
    named = state or os.environ.get(STATE_VARIABLE)
    run = _Run(Ledger(load(found) if found else ()), _state(Path(named)) if named else None)
    made: list[Policy] = [run.resource_policy(rule) if rule.alone else run.stack_policy(rule) for rule in rules]
    if found:
        made.append(run.summary_policy(NAME, DESCRIPTION, run.audit))
    made.append(run.summary_policy(NOTES, "What does not stop, and what was excepted.", lambda _: run.notes()))
    return made


def _state(path: Path) -> list[Record]:
    try:
        text = read_text(path)
    except OSError as error:
        raise UnusableFileError(
            f"{path}: {error.strerror}; write it with `pulumi stack export --file {path}`"
        ) from None
    return preview_json.state(text, str(path))


class _Kept:
    """A cache of the last stack. Each policy gets it once: a second call of a policy is about another stack."""

    def __init__(self) -> None:
        # Replaced as a whole: the SDK answers the engine in several threads.
        self._kept: tuple[str, Stack, set[str]] | None = None

    def get(self, rule: str, key: str, make: Callable[[], Stack]) -> Stack:
        """Return the cached stack; make one where the key is another, or where the rule had the cached one."""
        kept = self._kept
        if kept is None or key != kept[0] or rule in kept[2]:
            kept = self._kept = (key, make(), set())
        kept[2].add(rule)
        return kept[1]


class _Run:
    """The state that the policies of one pack share during one operation of the engine."""

    def __init__(self, ledger: Ledger, state: Sequence[Record] | None) -> None:
        self._ledger = ledger
        self._state = state
        self._notes: list[Finding] = []
        """The findings that are no violations."""
        self._ran: set[str] = set()
        """The names of the rules that ran."""
        self._one, self._all = _Kept(), _Kept()

    def resource_policy(self, rule: Rule) -> ResourceValidationPolicy:
        """Return the resource policy of a rule."""

        def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
            if args.resource_type.startswith(OURS):
                self._report(rule, self._resource(rule, args), args.get_config(), lambda text, _: report(text, None))

        def remediate(args: ResourceValidationArgs) -> Mapping[str, Any] | None:
            if not args.resource_type.startswith(OURS) or rule.remedy is None:
                return None
            # The SDK's own object is changed and returned, as a new dictionary would lose which values are secret.
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

    def stack_policy(self, rule: Rule) -> StackValidationPolicy:
        """Return the stack policy of a rule."""

        def validate(args: StackValidationArgs, report: ReportViolation) -> None:
            self._report(rule, self._whole(rule, args), args.get_config(), report)

        return StackValidationPolicy(
            rule.name, rule.description, validate, EnforcementLevel(rule.level.value), _schema(rule)
        )

    def summary_policy(
        self, name: str, description: str, lines: Callable[[list[str]], list[tuple[str, str | None]]]
    ) -> Policy:
        """Return a stack policy that reports messages and URNs after the other policies.

        ``lines`` returns them for the URNs of the stack's resources.
        """

        def validate(args: StackValidationArgs, report: ReportViolation) -> None:
            for text, urn in lines([each.urn for each in args.resources if each.resource_type.startswith(OURS)]):
                report(text, urn)

        return StackValidationPolicy(name, description, validate, EnforcementLevel(DEFAULTS[name].value))

    def audit(self, urns: list[str]) -> list[tuple[str, str | None]]:
        """Return a message for each exception that has expired or allows nothing."""
        return [(finding.text, None) for finding in self._ledger.audit(self._ran, urns)]

    def notes(self) -> list[tuple[str, str | None]]:
        """Return a message with a URN for each undecided finding and note, and one with the number of exceptions."""
        found = in_order(self._notes)
        told = [each for each in found if each.outcome is not Outcome.EXCEPTED]
        lines: list[tuple[str, str | None]] = [
            (f"{each.first.rule}: {_noted(each)}", each.first.urn) for each in grouped(told)
        ]
        if len(told) < len(found):
            lines.append((excepted(found), None))
        return lines

    def _resource(self, rule: Rule, args: ResourceValidationArgs) -> Stack:
        """Return a stack of one resource, which the resource policies share."""
        return self._one.get(
            rule.name,
            args.urn,
            lambda: Stack(
                [from_engine.record(args.resource_type, args.urn, _read(args.props), {})], before_known=False
            ),
        )

    def _whole(self, rule: Rule, args: StackValidationArgs) -> Stack:
        """Return the whole stack, which the stack policies share."""
        return self._all.get(
            rule.name, "", lambda: from_engine.stack(_shown(args.resources), self._state, confirmations())
        )

    def _report(self, rule: Rule, stack: Stack, config: Mapping[str, Any], report: ReportViolation) -> None:
        self._ran.add(rule.name)
        found = in_order(self._ledger.apply(rule.run(stack, _options(rule, config))))
        self._notes += [each for each in found if each.outcome is not Outcome.VIOLATION]
        for group in grouped(each for each in found if each.outcome is Outcome.VIOLATION):
            report(group.text + _exception(rule, group.first, stack), group.first.urn)


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
    """Return the values of a policy's argument with numbers and unknown values as in the state."""
    # Most values are texts, and the checks of the other types are slow.
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


def _noted(group: Group) -> str:
    outcome = group.first.outcome
    return f"{outcome.value}: {group.text}" if outcome is Outcome.UNDECIDED else group.text


def _exception(rule: Rule, finding: Finding, stack: Stack) -> str:
    """Return how an exception for a violation is written, where the rule stops unless it is configured otherwise."""
    if not rule.level.stops or finding.urn is None or finding.confirmed_by:
        return ""
    return f"; to except it: - {to_write(finding, [each.urn for each in stack.records])}"


def _options(rule: Rule, config: Mapping[str, Any]) -> Options:
    return validated(rule, _read(config), "the policy pack's configuration")


def _schema(rule: Rule) -> PolicyConfigSchema | None:
    properties = rule.schema()
    return PolicyConfigSchema(properties) if properties else None
