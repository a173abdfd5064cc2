"""Errors that a program does not catch: each ends it with one line, without a traceback.

For Python each stays the exception that it is.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, Final, TypeVar

import pulumi
from typing_extensions import ParamSpec

from pulumi_veza.errors import VezaError, one_line
from pulumi_veza.fields.field_types import type_name
from pulumi_veza.reports.words import nearest

P = ParamSpec("P")
R = TypeVar("R")
E = TypeVar("E", bound=Exception)

_LONGEST: Final = 2000
"""The most characters of a message."""


def _ending_a_program(kind: type[E]) -> type[E]:
    """Return the class of an error combined with Pulumi's ``RunError``, whose message alone the engine shows."""
    return type(kind.__name__, (kind, pulumi.RunError), {"__module__": kind.__module__, "__doc__": kind.__doc__})


def in_one_line(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function that programs call, so that an error of it ends a program with one line.

    So does a call that does not fit it, such as one with a misspelt argument.
    """
    signature = inspect.signature(function)
    accepted = [name for name in signature.parameters if name not in {"self", "cls"}]

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            signature.bind(*args, **kwargs)
        except TypeError as error:
            # A class method is inherited: the class that it is called on says more than the one that defines it.
            of_class = f"{args[0].__name__}." if args and isinstance(args[0], type) else ""
            called = f"{of_class}{function.__name__}" if of_class else function.__qualname__.removesuffix(".__init__")
            raise misuse(_unfitting(called, str(error), kwargs, accepted)) from None
        try:
            return function(*args, **kwargs)
        except VezaError as error:
            error.__class__ = _ending_a_program(type(error))
            raise

    return wrapper


def _unfitting(called: str, problem: str, given: Mapping[str, object], accepted: Sequence[str]) -> str:
    """Return why a call does not fit a function, with the argument that a misspelt one was meant to be."""
    arguments = f"its arguments are {', '.join(accepted)}" if accepted else "it has none"
    strange = [name for name in given if name not in accepted]
    if not strange:
        return f"{called}: {problem}; {arguments}"
    meant = {name: nearest(name, accepted) for name in strange}
    named = ", ".join(f"{name} (did you mean {near}?)" if near else name for name, near in meant.items())
    return f"{called} has no argument {named}; {arguments}"


def misuse(text: str) -> TypeError:
    """Return the error of a wrong call; one that a program does not catch ends it with one line and no traceback."""
    return _ending_a_program(TypeError)(one_line(text, longest=_LONGEST))


def refuse_name(class_name: str, resource_name: object) -> None:
    """Refuse a resource's name that is no text.

    Raises:
        TypeError: it is none, or empty.

    """
    if not isinstance(resource_name, str) or not resource_name.strip():
        got = "an empty text" if isinstance(resource_name, str) else type_name(resource_name)
        raise misuse(
            f"{class_name}: the first argument is the resource's name in the program, a text in quotes such as "
            f'"sales", and this is {got}'
        )


def called_by_name(constructor: Callable[..., None]) -> Callable[..., None]:
    """Wrap the constructor of a resource, so that a call that does not fit it is a `misuse`."""
    signature = inspect.signature(constructor)

    @wraps(constructor)
    def wrapper(self: object, *positional: Any, **named: Any) -> None:
        class_name = type(self).__name__
        try:
            given = signature.bind(self, *positional, **named).arguments
        except TypeError as error:
            problem: str | None = str(error)
        else:
            problem = None
        if problem and "resource_name" not in named and not positional:
            raise misuse(
                f'{class_name}: the first argument is the resource\'s name in the program, such as "sales", and there '
                "is none"
            )
        if problem and len(positional) > len(("resource_name", "opts")):
            raise misuse(
                f"{class_name} {positional[0]!r}: only the resource's name and its options may be written by their "
                'place; write every other argument by its name, such as name="..."'
            )
        if problem:
            raise misuse(f"{class_name}: {problem}")
        refuse_name(class_name, given["resource_name"])
        opts = given.get("opts")
        if opts is not None and not isinstance(opts, pulumi.ResourceOptions):
            raise misuse(
                f"{class_name} {given['resource_name']!r}: opts must be pulumi.ResourceOptions(...), got "
                f'{type_name(opts)}; write every other argument by its name, such as name="..."'
            )
        constructor(self, *positional, **named)

    return wrapper
