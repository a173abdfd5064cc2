"""A field that a resource declares is in the response's model too: one that is forgotten there hides drift in silence.

The models cannot be derived from the resources, as the client is usable without them. So every field of every kind is
looked for, and sent through the model as the API would send it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Annotated, Any, get_args

import pytest
from pulumi import Input
from pydantic import BaseModel, model_validator

from pulumi_veza.client import models
from pulumi_veza.fields.field_types import Boolean, FieldType, JsonMapping, ListOf, Number, SetOf, String
from pulumi_veza.fields.schema import Field, InputField, Object, Schema, SentIn
from pulumi_veza.provider import snapshot
from pulumi_veza.provider.shell import Resource
from pulumi_veza.resources import KINDS, SCHEMAS, content
from pulumi_veza.resources.inputs import Condition
from pulumi_veza.rules.identity import CONTENT_LISTS
from tests.support.kinds import PLACE, fixed

MODELS = "provider/pulumi_veza/client/models.py"

ModelOf = Callable[[InputField], type[BaseModel]]


every_kind = pytest.mark.parametrize("resource", KINDS, ids=lambda resource: resource.__name__)


def hint(type_: FieldType) -> str:
    """Return the annotation that a model needs for a field of this type."""
    if isinstance(type_, String):
        return "str | None" if not (type_.choices or type_.enumeration) else "Enumeration"
    if isinstance(type_, Object):
        return f"{type_.schema._args.__name__} | None"
    if isinstance(type_, (ListOf, SetOf)):
        return f"list[{hint(type_.of).removesuffix(' | None')}] | None"
    return {Boolean: "bool | None", Number: "int | None", JsonMapping: "CustomProperties"}[type(type_)]


def sample(type_: FieldType) -> Any:
    """Return a value as the API sends it; none is empty, and none is equal to a default."""
    if isinstance(type_, Object):
        return {f.api: sample(f.type) for f in type_.schema}
    if isinstance(type_, (ListOf, SetOf)):
        return [sample(type_.of)]
    if isinstance(type_, String):
        return type_.choices[-1] if type_.choices else "some text"
    return {Boolean: True, Number: 7, JsonMapping: {"key": [1, {"nested": "x"}]}}[type(type_)]


def nested_model(annotation: Any) -> type[BaseModel] | None:
    """Return the model within an annotation such as ``list[Entity] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(nested_model, get_args(annotation))), None)


def nested_schema(type_: FieldType) -> Schema | None:
    if isinstance(type_, (ListOf, SetOf)):
        return nested_schema(type_.of)
    return type_.schema if isinstance(type_, Object) else None


def forgotten(fields: Iterable[Field], model_of: ModelOf) -> Iterator[str]:
    """Yield what to add for each field that a response's model lacks or drops, nested ones included."""
    for field in fields:
        model = model_of(field.input)
        if field.api not in model.model_fields:
            yield f"{MODELS}: class {model.__name__} lacks a field; add `{field.api}: {hint(field.type)} = None`"
            continue
        inner = nested_schema(field.type)
        found = nested_model(model.model_fields[field.api].annotation)
        missing = list(forgotten(inner, always(found))) if inner and found else []
        yield from missing
        value = sample(field.type)
        received = models.as_received(model.model_validate({field.api: value}))
        if not missing and received.get(field.api) != value:
            yield (
                f"{MODELS}: class {model.__name__} does not keep `{field.api}`: the API sends {value!r} and "
                f"{received.get(field.api)!r} is read; correct its annotation or its validator"
            )


def always(model: type[BaseModel]) -> ModelOf:
    return lambda _: model


def sent(schema: Schema) -> list[Field]:
    """Return the fields of the API: an option of this provider is in no response."""
    return [field for field in schema if field.input.sent]


@every_kind
def test_every_field_that_is_sent_is_read_again(resource: type[Resource]) -> None:
    fields, response = sent(resource.kind().schema), fixed(resource).response
    assert response or not fields, f"{PLACE}: FIXED needs the response's model of {resource.__name__}"
    lacking = list(forgotten(fields, response)) if response else []
    assert not lacking, "a field that is sent and not read again hides drift:\n" + "\n".join(lacking)


@every_kind
def test_every_output_is_in_a_response_or_made_here(resource: type[Resource]) -> None:
    row = fixed(resource)
    assert row.made_here <= resource.kind().schema.outputs.keys()
    for name in resource.kind().schema.outputs.keys() - row.made_here:
        assert row.response, f"{PLACE}: FIXED needs the response's model of {resource.__name__}"
        model = row.response(None)
        said = f"{MODELS}: class {model.__name__} lacks the output `{name}`; add it, or to made_here in {PLACE}"
        assert name in model.model_fields, said


def test_a_listed_version_has_the_lists_that_a_content_has() -> None:
    schema = SCHEMAS["AccessProfileVersion"]
    said = "provider/pulumi_veza/provider/snapshot.py: LISTS must hold the API's names of CONTENT_LISTS"
    assert set(snapshot.LISTS) == {schema[name].api for name in CONTENT_LISTS}, said


# A field more, and each way of forgetting it


class MoreConditions(Condition, total=False):
    negated: Annotated[Input[bool], InputField("Whether it is the other way round.")]


class MoreContent(content.ContentArgs, total=False):
    owner_note: Annotated[Input[str], InputField("A note.", SentIn.CONTENT, "ownerNote")]
    tags: Annotated[Input[Sequence[Input[str]]], InputField("Tags.", SentIn.CONTENT, key=str)]
    conditions: Annotated[Input[MoreConditions], InputField("A condition.", SentIn.CONTENT, "condition")]
    own: Annotated[Input[str], InputField("An option of the provider.")]


class WithCondition(models.AccessProfileVersion):
    ownerNote: str | None = None  # noqa: N815 - the API's name
    tags: list[str] | None = None
    condition: models.Condition | None = None


class Dropping(WithCondition):
    @model_validator(mode="before")
    @classmethod
    def _without_tags(cls, data: Any) -> Any:
        return {name: value for name, value in data.items() if name != "tags"}


def test_a_field_more_that_the_model_lacks_is_named_with_the_line_to_add() -> None:
    found = list(forgotten(sent(Schema(MoreContent)), always(models.AccessProfileVersion)))
    assert found == [
        f"{MODELS}: class AccessProfileVersion lacks a field; add `ownerNote: str | None = None`",
        f"{MODELS}: class AccessProfileVersion lacks a field; add `tags: list[str] | None = None`",
        f"{MODELS}: class AccessProfileVersion lacks a field; add `condition: MoreConditions | None = None`",
    ]


def test_a_nested_field_more_is_named_in_the_model_that_lacks_it() -> None:
    found = list(forgotten(sent(Schema(MoreContent)), always(WithCondition)))
    assert found == [f"{MODELS}: class Condition lacks a field; add `negated: bool | None = None`"]


def test_a_field_that_the_model_has_and_drops_is_named() -> None:
    (dropped, _) = forgotten(sent(Schema(MoreContent)), always(Dropping))
    assert dropped.startswith(f"{MODELS}: class Dropping does not keep `tags`: the API sends ['some text'] and None")
