"""The lifecycle of every kind: check, diff, create, read, update and delete, in plain values and without Pulumi."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pulumi_veza.errors import RefusedError, SettingsError
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.fields.problems import Failure, Problems
from pulumi_veza.fields.protocol import hidden_keys
from pulumi_veza.fields.secrets import SECRETS_KEY, conceal, names
from pulumi_veza.provider import session
from pulumi_veza.provider.claims import Owner
from pulumi_veza.provider.kind import Kind, Operation
from pulumi_veza.rules import kept, wording
from pulumi_veza.rules.adoption import EXISTING_ID
from pulumi_veza.rules.tenant import TENANT_KEY, TenantVerdict, judge_tenant, tenant_refusal
from pulumi_veza.rules.urns import state_delete

NAME_KEY = "__name"
"""The key of the resource's name in inputs and outputs: the engine passes no name, and does not show such keys."""

PARENT_KEY = "__parent"
"""The key of the types of the resource's parents, as in its URN; absent where it is a child of the stack."""

GUARD: Final = "VEZA_GUARD"
"""The variable that makes diff print what a guard refuses, where it is ``report``, so that one preview shows all."""


@dataclass(frozen=True)
class Diff:
    """The difference between the state and the program."""

    changes: bool
    replaces: list[str] = field(default_factory=list)
    """The fields whose change replaces the object."""


class Lifecycle:
    """The calls of the engine on the resources of one kind.

    Args:
        kind: The kind.
        opened: Return the session to work in; that of the process unless another is given.

    """

    def __init__(self, kind: Kind, opened: Callable[[], session.Session] | None = None) -> None:
        self.kind = kind
        self._opened = opened or session.current

    def check(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> tuple[JsonObject, list[Failure]]:
        """Return the normalised inputs and the reasons to refuse them; the only side effect is a claim in this run."""
        problems = Problems()
        values = _visible(news)
        if missing := self.kind.schema.missing(values) if session.has_failed() else []:
            # `--continue-on-error` leaves out what a failed resource would have given, and passes over whatever needs
            # it. A reason to refuse it would end the run.
            values |= {name: olds[name] for name in missing if name in olds}
            if self.kind.schema.missing(values):
                return _named(values, news), []
        args = self.kind.schema.check(values, problems)
        # Those in outputs of other resources are known only here.
        hidden = (each for name, value in values.items() for each in hidden_keys(name, value))
        problems.failures.extend(Failure("", reason) for reason in hidden)
        if not problems.failures:
            self.kind.validate(args, problems)
        try:
            op = self._operation(news, args=args, olds=_visible(olds))
        except SettingsError as error:
            return _named(args, news), [*_concealed(problems.failures, olds, news), Failure("", str(error))]
        op.session.claims.register(op.owner)
        if op.is_new:
            op.session.gathering.expect(self.kind.name, op.owner)
        self.kind.learn(op, news)
        if not problems.failures:
            self._claim_identity(op, problems)
        if not problems.failures:
            try:
                self.kind.claim_declared(op)
                self.kind.announce(op)
                if problems.warnings:
                    op.warn(wording.doubts(problems.warnings))
            except RefusedError as error:
                problems.failures.append(Failure("", str(error)))
        return _named(args, news), _concealed(problems.failures, olds, news)

    def diff(self, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Diff:
        """Return the difference of the canonical forms, without the network.

        Raises:
            RefusedError: the resource belongs to another tenant, or another resource of this run holds its object.

        """
        schema = self.kind.schema
        changed = kept.to_send(schema, olds, news)
        replaces = [name for name in changed if schema[name].input.replace]
        differs = self._differs(olds, news)
        op = self._operation(
            news, id=id_, args=_visible(news), olds=olds, changed=tuple(changed), replaces=bool(replaces)
        )
        if not op.session.claims.checked(op.owner):
            # A refresh also diffs a resource that the program no longer declares. It must claim nothing, or the delete
            # in the same run (`pulumi up --refresh`) would find the object claimed and leave it. Nor may a guard stop
            # it: it only shows what is there.
            return Diff(differs, replaces)
        op.session.claims.keep(op.previous_owner or op.owner)
        if replaces:
            self.kind.warn_of_replacement(op)
        else:
            self.kind.claim(op)
            differs = self.kind.needs_update(op) or differs
        self._preview(replace(op, differs=differs))
        return Diff(differs or _has_moved(op), replaces)

    def _differs(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        # A read treats every field in the outputs as managed, and only an update writes the outputs anew. An argument
        # that became secret must be written into the state as a secret, although its value stays.
        schema = self.kind.schema
        changed = schema.changed(olds, news) or schema.newly_managed_or_released(olds, news)
        return bool(changed) or names(olds) != names(news)

    def create(self, inputs: Mapping[str, Any]) -> tuple[str, JsonObject]:
        """Create the object; return its Pulumi id and the outputs.

        Raises:
            RefusedError: another resource of this run belongs to another tenant, or a required value is missing.

        """
        args = _visible(inputs)
        op = self._operation(inputs, args=args)
        if missing := self.kind.schema.missing(args):
            # The check lets it pass after a failure, where most likely the engine passes over the resource.
            raise RefusedError(
                f"{op.words} was not created, as nothing gives {' and '.join(missing)}: write it in the program, or "
                "correct first what it comes from"
            )
        if other := op.session.refused_tenant:
            raise RefusedError(
                f"{op.words} was not created in {op.session.settings.url}: another resource of this provider belongs "
                f"to the tenant {other}; correct the address, or confirm the move as the refusal of that resource says"
            )
        if args.get(EXISTING_ID) is not None and (has_it := op.session.claims.challenger(op.owner)):
            raise RefusedError(
                f"{op.words} takes nothing over: {args[EXISTING_ID]}, which its existing_id names, is the object of "
                f"{op.session.claims.in_words(has_it)} already; declare one of the two"
            )
        with op.session.gathering.call(self.kind.name, op.owner):
            id_, computed = self.kind.create_remote(op)
        return id_, _of_tenant({**args, **computed}, inputs, op)

    def read(self, id_: str, props: Mapping[str, Any]) -> tuple[JsonObject, JsonObject | None] | None:
        """Read the object; return its outputs and inputs, or None when it is gone.

        A resource that is only looked up (``AccessProfile.get``) has nothing but its id: every field is returned as an
        output, and there are no inputs.

        Raises:
            RefusedError: the object that is looked up does not exist, or the resource belongs to another tenant.

        """
        managed = {k: v for k, v in props.items() if v is not None and k in self.kind.schema.fields}
        op = self._operation(props, id=id_, args=managed, olds=props)
        op.session.claims.note_read(op.owner)
        live = self.kind.read_remote(op)
        if live is None and not managed:
            raise RefusedError(f"{self.kind.name} {id_!r} does not exist in this tenant; check the id")
        if live is None:
            return None
        outputs = _of_tenant({**live.args, **live.computed}, props, op)
        return outputs, _named(live.args, props) if managed else None

    def update(self, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> JsonObject:
        """Send the changed fields; return all outputs.

        Raises:
            RefusedError: the resource belongs to another tenant.

        """
        args, schema = _visible(news), self.kind.schema
        # A field that becomes managed with an empty value may have any value in Veza, so it is sent. A field that is
        # no longer managed keeps its value there.
        became_managed = [n for n in schema.newly_managed_or_released(olds, args) if args.get(n) is not None]
        changed = (*kept.to_send(schema, olds, args), *became_managed)
        op = self._operation(news, id=id_, args=args, olds=olds, changed=changed)
        if _has_moved(op) and not self._differs(olds, news) and not self.kind.needs_update(op):
            # Only the address is new: the update writes it into the state.
            return _of_tenant({**olds, **args}, news, op)
        computed = self.kind.update_remote(op)
        return _of_tenant({**args, **computed}, news, op)

    def delete(self, id_: str, olds: Mapping[str, Any]) -> None:
        """Delete the resource as ``on_destroy`` of the old outputs says.

        Raises:
            RefusedError: ``on_destroy`` is ``prevent``, or the resource belongs to another tenant.

        """
        if olds.get("on_destroy") == "prevent":
            owner = self._owner(olds)
            raise RefusedError(
                f'{owner} ({id_}) has on_destroy="prevent"; to destroy it, set on_destroy to another value '
                "and run `pulumi up` first; to keep the object and only forget it, run "
                f"{state_delete(owner.urn(self._opened().claims.stack))}"
            )
        op = self._operation(olds, id=id_, olds=olds)
        with op.session.gathering.call(self.kind.name, op.owner):
            self.kind.delete_remote(op)

    def _preview(self, op: Operation) -> None:
        try:
            self.kind.preview(op)
        except RefusedError as error:
            if os.environ.get(GUARD) != "report":
                raise
            op.warn(f"{wording.WILL_BE_REFUSED}{error}")

    def _claim_identity(self, op: Operation, problems: Problems) -> None:
        identity = self.kind.identity(op.args)
        if identity is None:
            return
        claims, by_id = op.session.claims, self._is_told_by_id(op, identity)
        kept = self.kind.kept_identity(op.args)
        if holder := claims.declare((self.kind.name, identity), op.owner, by_id=by_id):
            reason = f"{claims.in_words(holder)} of this program declares the same object; {self.kind.conflict_advice}"
            problems.failures.append(Failure("", reason))
        elif kept and (holder := claims.declare((self.kind.name, "kept", kept), op.owner, by_id=by_id)):
            reason = (
                f"{claims.in_words(holder)} of this program has a name that differs only in blanks at its ends or in "
                "HTML escapes, and a tenant that keeps both alike would give one the other's object; "
                f"{self.kind.conflict_advice}"
            )
            problems.failures.append(Failure("", reason))
        if op.is_new and op.args.get(EXISTING_ID) is not None:
            return
        if op.is_new:
            claims.claim(("new", self.kind.name, identity), op.owner)
        elif taker := claims.holder(("new", self.kind.name, self.kind.previous_identity(op))):
            new = claims.in_words(taker)
            reason = (
                f"{new}, which is new, takes the name that {op.words} gives up in the same run, and would take "
                f"its object over: declare {new} after it in the program, or add it in a later run"
            )
            problems.failures.append(Failure("", reason))

    def _is_told_by_id(self, op: Operation, identity: Hashable) -> bool:
        """Return whether the object is known by its id: from the state, which the name has led to, or as written."""
        if EXISTING_ID not in self.kind.schema.fields:
            return False
        return op.args.get(EXISTING_ID) is not None or (not op.is_new and self.kind.identity(op.olds) == identity)

    def _operation(self, props: Mapping[str, Any], **parts: Any) -> Operation:
        """Return the operation on the resource that ``props`` names.

        Raises:
            RefusedError: the resource belongs to another tenant.

        """
        olds: Mapping[str, Any] = parts.get("olds", {})
        previous = self._owner(olds) if olds.get(NAME_KEY) else None
        op = Operation(self._opened(), self._owner(props), previous_owner=previous, known=(olds, props), **parts)
        if _verdict(op) is TenantVerdict.OTHER:
            recorded = op.session.refused_tenant = olds[TENANT_KEY]
            raise RefusedError(tenant_refusal(f"{op.words} ({op.id})", recorded, op.session.settings.url))
        return op

    def _owner(self, props: Mapping[str, Any]) -> Owner:
        return Owner(self.kind.name, props.get(NAME_KEY) or "", props.get(PARENT_KEY) or "")


def _verdict(op: Operation) -> TenantVerdict:
    return judge_tenant(op.olds.get(TENANT_KEY), op.session.settings.url, op.session.move)


def _has_moved(op: Operation) -> bool:
    return _verdict(op) is TenantVerdict.MOVED


def _visible(props: Mapping[str, Any]) -> JsonObject:
    return {k: v for k, v in props.items() if not k.startswith("__")}


def _named(values: JsonObject, props: Mapping[str, Any]) -> JsonObject:
    """Return the values with the resource's name and the names of its secret arguments, under hidden keys."""
    return {**values, **{key: props[key] for key in (NAME_KEY, PARENT_KEY, SECRETS_KEY) if props.get(key)}}


def _of_tenant(values: JsonObject, props: Mapping[str, Any], op: Operation) -> JsonObject:
    """Return the values of outputs with the tenant's address beside the other hidden keys."""
    return {**_named(values, props), TENANT_KEY: op.session.settings.url}


def _concealed(failures: Iterable[Failure], *known: Mapping[str, Any]) -> list[Failure]:
    """Redact secrets in refusals; a secret property is not named, as the engine prints the value of a named one."""
    secret = frozenset().union(*map(names, known))
    return [Failure("" if f.property in secret else f.property, conceal(f.reason, *known)) for f in failures]
