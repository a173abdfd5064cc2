"""The nested values of arguments. Each is a ``TypedDict``, so a program may write a plain dictionary as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pulumi import Input
from typing_extensions import Required, TypedDict

from pulumi_veza.fields.schema import InputField


class SyncIdentityAction(TypedDict, total=False):
    """What Veza does where a member has no identity in the datasource yet (the API's ``sync_identity_action``)."""

    policy_id: Required[
        Annotated[Input[str], InputField("The policy that holds the action.", non_empty=True, meaning="id")]
    ]
    name: Required[
        Annotated[Input[str], InputField("The name of the action in that policy.", non_empty=True, meaning="name")]
    ]


class Condition(TypedDict, total=False):
    """A condition on the identity (the API's ``condition`` and ``add_member_condition``)."""

    type: Annotated[Input[str], InputField("The kind of condition, by its name in the API.", enumeration=True)]
    condition_string: Annotated[Input[str], InputField("The expression, in Veza's own syntax.")]


class Entitlement(TypedDict, total=False):
    """Something in a system that members get (one of the API's ``entities_to_create_relationships_to``)."""

    entity_type: Required[
        Annotated[
            Input[str], InputField("The type of the entity, as `SalesforceGroup`.", non_empty=True, meaning="name")
        ]
    ]
    datasource_id: Required[
        Annotated[
            Input[str],
            InputField("The lifecycle management datasource that holds the entity.", non_empty=True, meaning="id"),
        ]
    ]
    entity_id: Required[
        Annotated[Input[str], InputField("The entity's id in that datasource.", non_empty=True, meaning="id")]
    ]
    assigned_to_entity_type: Annotated[Input[str], InputField("The type of the entity to assign to.")]
    assigned_to_entity_id: Annotated[Input[str], InputField("The id of the entity to assign to.", meaning="id")]
    grant_by: Annotated[Input[str], InputField("How the grant is applied, by its name in the API.", enumeration=True)]
    created_by_access_profile: Annotated[Input[bool], InputField("Whether the access profile created the entity.")]
    custom_properties: Annotated[Input[Mapping[str, Any]], InputField("Properties of your own.")]
    sync_identity_action: Annotated[
        Input[SyncIdentityAction], InputField("What to do where a member has no identity in the datasource.")
    ]
    condition: Annotated[Input[Condition], InputField("Which members get it; all where it is left out.")]


class AttributeTransformer(TypedDict, total=False):
    """How an attribute of a new entity is made (one of the API's ``attribute_transformers.values``)."""

    destination_attribute: Annotated[Input[str], InputField("The name of the attribute to set.")]
    destination_value_formatter: Annotated[Input[str], InputField("The value's template.")]
    continuous_sync: Annotated[Input[bool], InputField("Whether the attribute is kept in sync after the creation.")]
    additional_value_formatter: Annotated[Input[Sequence[Input[str]]], InputField("Further templates, in order.")]
    pipeline_functions: Annotated[Input[str], InputField("Functions applied to the value.")]
    unique_identifier: Annotated[Input[bool], InputField("Whether the attribute identifies the entity.")]


class AttributeTransformers(TypedDict, total=False):
    """The wrapper that the API puts around transformers."""

    values: Annotated[Input[Sequence[Input[AttributeTransformer]]], InputField("The transformers, in order.")]


class CreateEntitlement(TypedDict, total=False):
    """An entitlement that a new profile of a type creates (one of the API's ``create_entitlements``)."""

    datasource_id: Required[
        Annotated[
            Input[str],
            InputField("The lifecycle management datasource of the new entity.", non_empty=True, meaning="id"),
        ]
    ]
    entity_type: Required[
        Annotated[Input[str], InputField("The type of the new entity.", non_empty=True, meaning="name")]
    ]
    attribute_transformers: Annotated[Input[AttributeTransformers], InputField("How its attributes are made.")]
    add_member_condition: Annotated[Input[Condition], InputField("Which members are added to it.")]


class CatalogItemInfo(TypedDict, total=False):
    """How a profile shows in the access request catalogue (the API's ``catalog_item_info``)."""

    name: Annotated[Input[str], InputField("The name shown.", meaning="name")]
    description: Annotated[Input[str], InputField("The short description shown.")]
    markdown_description: Annotated[Input[str], InputField("The long description, in Markdown.")]
    icon: Annotated[Input[str], InputField("The icon shown.")]
    recommended: Annotated[Input[bool], InputField("Whether it is shown as recommended.")]
