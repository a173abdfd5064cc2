"""The shell: converts Pulumi's calls to those of the lifecycle, and is the base of the resource classes.

Only the shell, the resources and the lookups know Pulumi, so the shell could be replaced.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Awaitable, Collection, Iterator, Mapping
from functools import cache, partial
from itertools import chain
from typing import Any, ClassVar, Final, Generic, TypeVar, cast
from weakref import WeakSet

import pulumi
from pulumi import dynamic
from typing_extensions import Self, override

from pulumi_veza.client.settings import SETTINGS
from pulumi_veza.errors import RefusedError, one_line
from pulumi_veza.fields import protocol
from pulumi_veza.fields.field_types import UNKNOWN, integral
from pulumi_veza.fields.secrets import SECRETS_KEY, names
from pulumi_veza.provider import session
from pulumi_veza.provider.hidden_inputs import Later, Properties
from pulumi_veza.provider.kind import Kind
from pulumi_veza.provider.lazy_outputs import ResourceWithLazyOutputs, output_of
from pulumi_veza.provider.lifecycle import NAME_KEY, PARENT_KEY, Lifecycle
from pulumi_veza.provider.plugin_errors import LONGEST, in_one_plugin_line
from pulumi_veza.provider.programs import called_by_name, in_one_line, misuse, refuse_name
from pulumi_veza.provider.pulumi_private import (
    OWN_OUTPUTS,
    PROVIDER_KEY,
    Unknown,
    all_config,
    serialize_provider,
    type_token,
    wrap_rpc_secret,
)
from pulumi_veza.rules.kept import KEPT_KEY

T = TypeVar("T")


def _inputs(values: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a resource's properties for the lifecycle, without the pickled provider among them."""
    return {k: _inward(v) for k, v in values.items() if k != PROVIDER_KEY}


def _inward(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, (dict, Mapping)):
        # Nearly every value is a text, which is not worth a call: a set may have 100,000 members.
        return {k: v if isinstance(v, str) else _inward(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_inward(v) for v in value]
    return integral(value)


def _outward(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if value is UNKNOWN:
        return pulumi.UNKNOWN
    if isinstance(value, (dict, Mapping)):
        return {k: v if isinstance(v, str) else _outward(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_outward(v) for v in value]
    return value


def _is_for_us(key: str) -> bool:
    """Return whether a key of the configuration is a setting, or is meant to be one.

    An explicit provider may be given ``url`` for ``veza:url``, which must not be ignored: it names a tenant.
    """
    return key.startswith("veza:") or not (":" in key or key.startswith("__") or key in _OF_EVERY_PROVIDER)


_OF_EVERY_PROVIDER: Final = frozenset({"version", "pluginDownloadURL"})


class Provider(dynamic.ResourceProvider):
    """A dynamic provider for one kind.

    Every state holds its subclasses pickled by reference, so their module path and name must never change, and they
    must not have instance attributes.
    """

    serialize_as_secret_always = False
    lifecycle: ClassVar[Lifecycle]

    def __init_subclass__(cls, kind: Kind, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.lifecycle = Lifecycle(kind)

    @override
    def configure(self, req: dynamic.ConfigureRequest) -> None:
        # The engine prints the traceback of an exception; users need the text alone.
        if not os.environ.get("VEZA_DEBUG"):
            sys.tracebacklimit = 0
        documented = {setting.config_name: req.config.get(setting.config_name) for setting in SETTINGS}
        config = {**documented, **all_config(req.config)}
        session.configure({k: v for k, v in config.items() if _is_for_us(k) and v is not None})

    @override
    @in_one_plugin_line
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        inputs, failures = self.lifecycle.check(_inputs(_olds), _inputs(news))
        # The engine prints the property before the reason.
        named = [(f.property, f.reason.removeprefix(f"{f.property}: ")) for f in failures]
        lines = [dynamic.CheckFailure(name, one_line(reason, longest=LONGEST)) for name, reason in named]
        return dynamic.CheckResult(_outward(inputs), lines)

    @override
    @in_one_plugin_line
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        diff = self.lifecycle.diff(_id, _inputs(_olds), _inputs(_news))
        return dynamic.DiffResult(changes=diff.changes, replaces=diff.replaces, delete_before_replace=False)

    @override
    @in_one_plugin_line
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        id_, outputs = self.lifecycle.create(_inputs(props))
        return dynamic.CreateResult(id_, self._outputs(outputs))

    @override
    @in_one_plugin_line
    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        found = self.lifecycle.read(id_, _inputs(props))
        if found is None:
            return dynamic.ReadResult("", {})
        outputs, inputs = found
        # In the state it would break every later operation, as it cannot be sent to the provider again.
        if unkept := [each for name, value in outputs.items() for each in protocol.problems(name, value)]:
            raise RefusedError(f"{id_}: Pulumi cannot keep what is in Veza: {'; '.join(unkept[:10])}; correct it there")
        return dynamic.ReadResult(id_, self._outputs(outputs), inputs)

    @override
    @in_one_plugin_line
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        return dynamic.UpdateResult(self._outputs(self.lifecycle.update(_id, _inputs(_olds), _inputs(_news))))

    @override
    @in_one_plugin_line
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        self.lifecycle.delete(_id, _inputs(_props))

    def _outputs(self, outputs: dict[str, Any]) -> dict[str, Any]:
        """Mark outputs that repeat secret arguments as secret: the engine marks the arguments alone."""
        secret = names(outputs)
        declared = self.lifecycle.kind.schema.outputs
        hidden = {name for name, out in declared.items() if name in outputs and secret.intersection(out.repeats)}
        if secret.intersection(outputs.get(KEPT_KEY) or ()):
            hidden.add(KEPT_KEY)
        return {name: wrap_rpc_secret(value) if name in hidden else value for name, value in outputs.items()}


class Listed(Generic[T]):
    """The attribute of a set: the state's map as the list that a user wrote, empty where it is not managed."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, resource: object, owner: type | None = None) -> pulumi.Output[list[T]]:
        if resource is None:
            return cast("pulumi.Output[list[T]]", self)
        held = cast("pulumi.Output[dict[str, T] | None]", output_of(cast("Resource", resource), self._name))
        return held.apply(lambda found: [found[key] for key in sorted(found)] if found else [])

    def __set__(self, resource: object, value: object) -> None:
        raise AttributeError(f"{self._name} is an output; write it as an argument of the resource")


class Resource(ResourceWithLazyOutputs):
    """Base of the resource classes."""

    _provider_class: ClassVar[type[Provider]]

    def __init_subclass__(cls, provider: type[Provider], **kwargs: Any) -> None:
        super().__init_subclass__(module="veza", name=provider.lifecycle.kind.name, **kwargs)
        cls._provider_class = provider
        cls.__init__ = called_by_name(cls.__init__)  # type: ignore[method-assign]
        if not OWN_OUTPUTS:
            # The SDK looks for types in the class alone, not in its bases.
            bases = [base for base in cls.__mro__ if base.__module__ == cls.__module__]
            cls.__annotations__ = dict(chain.from_iterable(inspect.get_annotations(base).items() for base in bases))
        cls.__doc__ = cast("str", _Documentation(cls.__doc__ or "", provider.lifecycle.kind))

    def __init__(
        self,
        resource_name: str,
        args: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
        hidden: Mapping[str, Any] | None = None,
    ) -> None:
        """Register the resource; ``hidden`` are inputs for the provider that no state keeps."""
        schema = self._provider_class.lifecycle.kind.schema
        if unknown := sorted(args.keys() - schema.arguments):
            near = {name: schema.nearest(name) for name in unknown}
            mistaken = ", ".join(f"{name} (did you mean {near[name]}?)" if near[name] else name for name in unknown)
            raise misuse(f"{type(self).__name__} has no argument {mistaken}; its arguments are {schema.names()}")
        refuse_name(type(self).__name__, resource_name)
        self._described = f"{type(self).__name__} {resource_name!r}"
        self._refuse_unsendable([each for name, value in args.items() for each in _unsendable(name, value)])
        _warn_of_plain_secrets()
        secrets, parent = self._secrets_among(args), opts.parent if opts else None
        # The secrets first: they fail in our words where an output holds what cannot be sent. Where the SDK makes the
        # outputs, a property without a key would not be one.
        props = Properties(
            {
                **({SECRETS_KEY: secrets} if secrets else {}),
                **({} if OWN_OUTPUTS else dict.fromkeys(schema.properties)),
                **args,
                **(hidden or {}),
                NAME_KEY: full_name(resource_name, parent),
            }
        )
        if parent is not None:
            props[PARENT_KEY] = Later(partial(parent_types, parent))
        # What the constructor of the SDK's dynamic resources does, which would pickle the provider for every resource.
        props.update(self.provider_in_state())
        super(dynamic.Resource, self).__init__(type_token(type(self)), resource_name, props, opts)

    def _refuse_unsendable(self, found: list[str]) -> None:
        """Raise an error that ends the program in one line, if there is anything that Pulumi cannot send."""
        if found:
            raise pulumi.RunError(f"{self._described}: {one_line('; '.join(found[:10]), longest=LONGEST)}")

    def _secrets_among(self, args: Mapping[str, Any]) -> Awaitable[list[str]] | None:
        """Return the names of secret arguments, once they are known, or None where no argument can be secret.

        It fails where an output holds what Pulumi cannot send, which is known only then.
        """
        outputs = [(name, *found) for name, value in args.items() for found in _outputs_in(name, value)]
        if not outputs:
            return None

        async def found() -> list[str]:
            secret: set[str] = set()
            unsendable: list[str] = []
            for name, path, output in outputs:
                wrong = list(_unsendable(path, await output.future(with_unknowns=True)))
                if await output.is_secret():
                    secret.add(name)
                    # What is wrong may repeat a value or a key.
                    wrong = [f"{path}: {_WRONG_BUT_HIDDEN}"] if wrong else []
                unsendable += wrong
            self._refuse_unsendable(unsendable)
            return sorted(secret)

        return Later(found)

    @override
    def _options_are_final(self, opts: pulumi.ResourceOptions) -> None:
        if opts.import_:
            raise pulumi.RunError(
                f"{self._described}: import_ does not work with a dynamic provider; leave it out: `pulumi up` takes "
                "over what exists (see adopt), and `pulumi import --file` writes it into the state as it is "
                "(docs/import.md)"
            )

    @override
    def _properties_and_whole_numbers(self) -> tuple[Collection[str], Collection[str]]:
        schema = self._provider_class.lifecycle.kind.schema
        return schema.properties, schema.whole_numbers

    @classmethod
    def kind(cls) -> Kind:
        """Return the kind of the resource."""
        return cls._provider_class.lifecycle.kind

    @classmethod
    @cache
    def provider_in_state(cls) -> Mapping[str, str]:
        """Return the hidden property of inputs and outputs by which the engine finds the kind's provider again."""
        return {PROVIDER_KEY: serialize_provider(cls._provider_class())}

    @classmethod
    @in_one_line
    def get(cls, resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> Self:  # noqa: A002
        """Return an existing object without managing it; every field of the object is an output.

        The run fails with one line where there is no such object.

        Args:
            resource_name: The name of the resource in the program, unique among its resources of the kind.
            id: The Pulumi id of the object; the class's documentation describes its form.
            opts: Options of the resource, such as ``parent``.

        """
        found = cls.__new__(cls)
        Resource.__init__(found, resource_name, {}, pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id)))
        return found


_warned: WeakSet[pulumi.Resource] = WeakSet()
"""The stacks, one object for each run of a program, that were warned of plain secrets."""


def _warn_of_plain_secrets() -> None:
    """Warn once in a run of a program of secret settings that the stack's configuration contains as plain text."""
    if stack := pulumi.runtime.get_root_resource():
        if stack in _warned:
            return
        _warned.add(stack)
    for setting in SETTINGS:
        name = setting.config_name
        if setting.secret and pulumi.runtime.get_config(name) and not pulumi.runtime.is_config_secret(name):
            pulumi.log.warn(
                f"{name} is plain text in the stack's configuration, and the engine writes it so into the state: run "
                f"`pulumi config set --secret {name}`, or better give {setting.env_name} in the environment alone; "
                "then renew it"
            )


def _unsendable(path: str, value: Any) -> Iterator[str]:
    """Yield a message for each part of a program's value that Pulumi cannot send or does not show."""
    return protocol.problems(path, value, later=_is_resolved_later)


_WRONG_BUT_HIDDEN: Final = (
    "what is in this secret has a value that Pulumi cannot send, or a key that is no text or begins with two "
    "underscores; write texts, numbers, lists and mappings alone"
)


def _is_resolved_later(value: Any) -> bool:
    if isinstance(value, (str, int, dict, list)):
        # Nearly every value, and the last question below takes long to answer.
        return False
    # The engine sends the id of a resource in place of it.
    return isinstance(value, (pulumi.Output, pulumi.Resource, Unknown)) or inspect.isawaitable(value)


def _outputs_in(path: str, value: Any) -> Iterator[tuple[str, pulumi.Output[Any]]]:
    """Yield every output in an argument with its place."""
    if isinstance(value, pulumi.Output):
        yield path, value
    elif isinstance(value, Mapping):
        yield from chain.from_iterable(_outputs_in(f"{path}.{key}", each) for key, each in value.items())
    elif isinstance(value, (list, tuple)):
        yield from chain.from_iterable(_outputs_in(f"{path}[{index}]", each) for index, each in enumerate(value))


def full_name(resource_name: str, parent: pulumi.Resource | None) -> str:
    """Return the resource's name behind that of its parent, as the children of two components may share a name."""
    return f"{parent.pulumi_resource_name}/{resource_name}" if parent else resource_name


async def parent_types(parent: pulumi.Resource | None) -> str | None:
    """Return the types of a resource's parents, as in its URN; None for a child of the stack."""
    if parent is None or parent is pulumi.runtime.get_root_resource():
        return None
    urn = await parent.urn.future()
    return urn.split("::")[2] if urn else None


class _Documentation:
    """The docstring of a resource class, composed where somebody reads it: its fields take long to evaluate."""

    def __init__(self, summary: str, kind: Kind) -> None:
        self._summary = summary
        self._kind = kind

    def __get__(self, resource: object, owner: type | None = None) -> str:
        return document(self._summary, self._kind)


def document(summary: str, kind: Kind) -> str:
    """Return the docstring of a resource class: the summary, then every argument and output of the kind."""
    lines = [inspect.cleandoc(summary), "", "Arguments, each an ``Input``:", ""]
    for f in kind.schema:
        default = f" Default: ``{f.input.default!r}``." if f.input.default is not None else ""
        api = f" The API's ``{f.input.api}``." if f.input.api else ""
        lines.append(f"- ``{f.name}``{' (required)' if f.required else ''}: {f.input.doc}{default}{api}")
    lines += ["", "Outputs beside the arguments:", ""]
    lines += [f"- ``{name}``: {out.doc}" for name, out in kind.schema.outputs.items()]
    return "\n".join(lines) + "\n"
