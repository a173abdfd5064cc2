"""Access profile types.

The API creates and lists types; it neither updates nor deletes them. So any change creates a new type, and a destroy
leaves the type in Veza.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Annotated, Any, Literal

import pulumi
from pulumi import Input, Output
from typing_extensions import Required, TypedDict, Unpack, override

from pulumi_veza.errors import ConflictError, RefusedError
from pulumi_veza.fields.field_types import UNKNOWN, JsonObject, contains_unknown, identity
from pulumi_veza.fields.problems import Problems
from pulumi_veza.fields.schema import InputField, OutputField, Schema, SentIn
from pulumi_veza.fields.spelling import composed, tidy
from pulumi_veza.provider import kept, shell
from pulumi_veza.provider.absence import confirm_type_gone, warn_of_recreation
from pulumi_veza.provider.creation import create_once, name_conflict
from pulumi_veza.provider.kind import Kind, Live, Operation
from pulumi_veza.resources import adopting, topics
from pulumi_veza.resources.inputs import AttributeTransformer, CreateEntitlement
from pulumi_veza.rules import adoption, wording
from pulumi_veza.rules.adoption import EXISTING_ID, Action, AdoptionDecision, Refusal
from pulumi_veza.rules.identity import created_entitlement_identity, named

POST = SentIn.CREATE

LEFT_BEHIND = "type left behind"
"""The claim of a type that this run replaces: its warning has been printed and is not repeated."""


class Args(TypedDict, total=False):
    """The arguments of a type; all but the last three are fields of the API's type and replace it."""

    name: Required[
        Annotated[Input[str], InputField("The type's name.", POST, replace=True, non_empty=True, meaning="name")]
    ]
    description: Annotated[Input[str], InputField("What profiles of this type are for.", POST, replace=True)]
    allow_inherit_entities: Annotated[
        Input[bool], InputField("Whether its profiles may inherit from other profiles.", POST, replace=True)
    ]
    allow_inherited_from_types: Annotated[
        Input[Sequence[Input[str]]],
        InputField(
            "The ids of the types that may be inherited from; empty means any.",
            POST,
            replace=True,
            key=identity,
            meaning="id",
        ),
    ]
    allow_create_relationships: Annotated[
        Input[bool], InputField("Whether its profiles may hold entitlements of their own.", POST, replace=True)
    ]
    require_single_datasource: Annotated[
        Input[bool], InputField("Whether a profile's entitlements must come from one datasource.", POST, replace=True)
    ]
    require_single_integration: Annotated[
        Input[bool], InputField("Whether a profile's entitlements must come from one integration.", POST, replace=True)
    ]
    add_integration_prefix_to_access_profile_names: Annotated[
        Input[bool],
        InputField("Whether Veza puts the integration before its profiles' names.", POST, replace=True),
    ]
    max_entitlements: Annotated[
        Input[int], InputField("How many entitlements a profile may hold at most.", POST, replace=True, at_least=0)
    ]
    create_entitlement_based_on_profile: Annotated[
        Input[bool],
        InputField("Whether missing entitlements are created; needs require_single_integration.", POST, replace=True),
    ]
    create_entitlements: Annotated[
        Input[Sequence[Input[CreateEntitlement]]],
        InputField(
            "The entitlements that a new profile creates.", POST, replace=True, key=created_entitlement_identity
        ),
    ]
    no_entitlements: Annotated[
        Input[bool], InputField("Whether a new profile only connects the application.", POST, replace=True)
    ]
    on_create_behavior: Annotated[
        Input[str],
        InputField(
            "The state that a new profile gets; INITIAL is the name that is documented.",
            POST,
            replace=True,
            enumeration=True,
        ),
    ]
    instructions: Annotated[
        Input[str], InputField("What people read who create such a profile, in Markdown.", POST, replace=True)
    ]
    time_before_sync_check_in_seconds: Annotated[
        Input[int],
        InputField(
            "How often a profile is synchronised, in seconds, 0 for never; needs create_entitlement_based_on_profile.",
            POST,
            replace=True,
            at_least=0,
        ),
    ]
    access_request_policy_id: Annotated[
        Input[str],
        InputField("The id of the access request policy that its profiles get.", POST, replace=True, meaning="id"),
    ]
    allow_overwrite_of_access_request_policy: Annotated[
        Input[bool], InputField("Whether a profile may name another policy.", POST, replace=True)
    ]
    name_transformer: Annotated[
        Input[AttributeTransformer], InputField("How its profiles' names are made.", POST, replace=True)
    ]
    remove_entitlement_on_member_upon_update: Annotated[
        Input[bool],
        InputField("Whether members lose an entitlement that is removed from their profile.", POST, replace=True),
    ]
    adopt: Annotated[
        Input[Literal["identical", "never"]],
        InputField("Whether a type that exists and is equal in every field is taken over.", default="identical"),
    ]
    existing_id: Annotated[
        Input[str],
        InputField(
            "The id of the type to take over, where the name alone does not tell which; none is created, and it must "
            "be equal in every field written here. Only the create reads it, but while it is written a change of the "
            "type is refused, and not answered by a new type.",
            non_empty=True,
            create_only=True,
            meaning="id",
        ),
    ]
    on_destroy: Annotated[
        Input[Literal["retain", "prevent"]],
        InputField("Destroying keeps the type in Veza (the API cannot delete it), or is refused.", default="retain"),
    ]


class State(TypedDict, total=False):
    """The outputs that are no arguments, from the fields of these names in the API's type."""

    integrations: Annotated[list[str], OutputField("The integrations its profiles reach.")]
    enabled: Annotated[bool, OutputField("Whether the type is in use.")]
    created_at: Annotated[str, OutputField("When it was created, RFC 3339.")]
    updated_at: Annotated[str, OutputField("When it was changed last, RFC 3339.")]


class TypeKind(Kind):
    """Creates a type or adopts an identical one; never updates or deletes a type."""

    name = "AccessProfileType"
    schema = Schema(Args, State)
    conflict_advice = adopting.CONFLICT_ADVICE

    @override
    def validate(self, args: Mapping[str, Any], problems: Problems) -> None:
        adopting.validate(args, problems)
        creates, single = args.get("create_entitlement_based_on_profile"), args.get("require_single_integration")
        interval = args.get("time_before_sync_check_in_seconds")
        if interval and interval is not UNKNOWN and not creates:
            problems.add(
                "time_before_sync_check_in_seconds",
                "needs create_entitlement_based_on_profile=True; add it, or leave the interval out",
                show_value=True,
            )
        if creates and creates is not UNKNOWN and not single:
            problems.add(
                "create_entitlement_based_on_profile",
                "needs require_single_integration=True; add it, or leave this out",
                show_value=True,
            )

    @override
    def identity(self, args: Mapping[str, Any]) -> Hashable | None:
        return None if args.get("name") is UNKNOWN else composed(args.get("name") or "")

    @override
    def kept_identity(self, args: Mapping[str, Any]) -> Hashable | None:
        return tidy(args["name"]) or None

    @override
    def claim_declared(self, op: Operation) -> None:
        if id_ := adopting.to_take_over(op):
            op.claim(("type", id_), f"access profile type {id_}")

    @override
    def claim(self, op: Operation) -> None:
        adopting.refuse_another(op, "access profile type")
        op.claim(("type", op.id), f"access profile type {op.id}")

    @override
    def warn_of_replacement(self, op: Operation) -> None:
        adopting.refuse_another(op, "access profile type")
        if op.args.get(EXISTING_ID) is not None:
            self._refuse_replacement(op)
        op.claim((LEFT_BEHIND, op.id), f"access profile type {op.id}")
        op.warn(
            f"the API cannot change a type, so a new one is created; the old one ({op.id}) stays behind in Veza with "
            f"the name {op.olds.get('name')!r}"
        )

    def _refuse_replacement(self, op: Operation) -> None:
        """Refuse to replace a type by what ``existing_id`` names, which is the type itself."""
        differs = [n for n in op.changed if self.schema[n].input.replace and not contains_unknown(op.args.get(n))]
        if differs:
            raise RefusedError(
                f"access profile type {op.olds.get('name')!r} ({op.id}) differs in {', '.join(differs)}, and the API "
                "cannot change a type; write the same here as it has, or leave existing_id out to create a new type "
                "and leave this one behind"
            )

    @override
    def create_remote(self, op: Operation) -> tuple[str, JsonObject]:
        name, claims = op.args["name"], op.session.claims
        if existing := op.args.get(EXISTING_ID):
            of_name = [found] if (found := op.session.snapshot.profile_type(existing)) else []
        else:
            op.claim(("type named", composed(name)), f"an access profile type named {name!r}")
            of_name = self._named(op)
        # The type that this resource replaces is no candidate: it may differ in a field that is no longer written, and
        # only written fields are compared.
        same_name = [t for t in of_name if claims.holder((LEFT_BEHIND, t["id"])) != op.owner]
        left_behind = [t["id"] for t in same_name if claims.holder((LEFT_BEHIND, t["id"])) is not None]
        decision = adoption.decide_type(self.schema, op.args, same_name, may_be_beside=left_behind)
        if decision.action is Action.REFUSE:
            raise RefusedError(self._refusal(op, decision))
        if decision.found:
            found = dict(decision.found)
            op.gather(topics.TYPE_TAKEN_OVER, f"{found.get('name')!r} ({found['id']})")
        else:
            if decision.beside:
                op.warn(self._namesakes(op, decision))
            found = self._create(op, {t["id"] for t in of_name})
        op.claim(("type", found["id"]), f"access profile type {name!r} ({found['id']})")
        sent = [f.name for f in self.schema if f.input.sent]
        return found["id"], {**self.schema.computed(found, {}), **kept.after_write(op, self.schema, found, sent)}

    def _refusal(self, op: Operation, decision: AdoptionDecision) -> str:
        name, ids = op.args["name"], wording.ids(decision.candidates)
        if decision.refusal is Refusal.ABSENT:
            return adopting.absent_type(op)
        if decision.refusal is Refusal.DIFFERENT:
            return adopting.different_type(op, self.schema, decision)
        if decision.refusal is Refusal.NEVER:
            return (
                f"access profile type {name!r} ({ids}) exists already and is identical, "
                'but adopt="never" is set; write adopt="identical" to take it over, or choose another name'
            )
        return (
            f"{len(decision.candidates)} identical access profile types are named {name!r} ({ids}); {adopting.WHICH}, "
            "or choose another name"
        )

    def _namesakes(self, op: Operation, decision: AdoptionDecision) -> str:
        fields = (
            f"whose {', '.join(decision.missing)} the list does not tell" if decision.missing else "with other fields"
        )
        return (
            f"another access profile type named {op.args['name']!r} exists ({wording.ids(decision.beside)}) {fields}; "
            "it is left as it is"
        )

    def _create(self, op: Operation, before: set[str]) -> JsonObject:
        body = self.schema.to_api(op.args, SentIn.CREATE)

        def create() -> JsonObject:
            return op.session.snapshot.create_type(body)

        def found_again() -> list[JsonObject]:
            op.session.snapshot.refresh_types()
            new = [t for t in self._named(op) if t["id"] not in before]
            return [t for t in new if not adoption.loose_differences(self.schema, t, op.args, SentIn.CREATE)]

        def explained(error: ConflictError) -> ConflictError:
            listed, secret = op.session.snapshot.types, "name" in op.secret
            return name_conflict(error, op.args["name"], listed, "access profile type", secret=secret)

        what = f"access profile type {op.args['name']!r}"
        warn_of_recreation(op, ("type", composed(op.args["name"])), what)
        return create_once(create, found_again, "access profile type", explained)

    def _named(self, op: Operation) -> list[JsonObject]:
        """Return the types that the name means and that no other resource of the run has."""

        def alike(live: JsonObject) -> bool:
            return adoption.is_left_by_a_create(self.schema, live, op.args)

        def is_free(live: JsonObject) -> bool:
            claims, named = op.session.claims, composed(live.get("name") or "")
            unclaimed = claims.holder(("type", live["id"])) in (None, op.owner)
            return unclaimed and not claims.declared_elsewhere((self.name, named), op.owner)

        return list(filter(is_free, named(op.session.snapshot.types(), op.args["name"], alike=alike)))

    @override
    def read_remote(self, op: Operation) -> Live | None:
        live = op.session.snapshot.profile_type(op.id)
        if live is None:
            confirm_type_gone(op)
            op.session.snapshot.absences.record(("type", composed(op.olds.get("name") or "")), op.id)
            return None
        args, otherwise = kept.after_read(op, self.schema, live)
        return Live(op.id, args, {**self.schema.computed(live, op.olds), **otherwise})

    @override
    def update_remote(self, op: Operation) -> JsonObject:
        # Only options change in place: every field of the API replaces.
        return {**self.schema.computed({}, op.olds), **kept.after_write(op, self.schema, {}, ())}

    @override
    def delete_remote(self, op: Operation) -> None:
        claims = op.session.claims
        if claims.holder(("type", op.id)) is None and claims.holder((LEFT_BEHIND, op.id)) is None:
            op.gather(topics.TYPE_STAYS, f"{op.olds.get('name')!r} ({op.id})")


class Provider(shell.Provider, kind=TypeKind()):
    """The provider of access profile types; its module and name are in every state."""


class Outputs:
    """The attributes of a type in a program, beside `id` and `urn`."""

    name: Output[str]
    description: Output[str]
    allow_inherit_entities: Output[bool]
    allow_inherited_from_types = shell.Listed[str]()
    allow_create_relationships: Output[bool]
    require_single_datasource: Output[bool]
    require_single_integration: Output[bool]
    add_integration_prefix_to_access_profile_names: Output[bool]
    max_entitlements: Output[int]
    create_entitlement_based_on_profile: Output[bool]
    create_entitlements = shell.Listed[CreateEntitlement]()
    no_entitlements: Output[bool]
    on_create_behavior: Output[str]
    instructions: Output[str]
    time_before_sync_check_in_seconds: Output[int]
    access_request_policy_id: Output[str]
    allow_overwrite_of_access_request_policy: Output[bool]
    name_transformer: Output[dict[str, Any]]
    remove_entitlement_on_member_upon_update: Output[bool]
    adopt: Output[str]
    existing_id: Output[str]
    on_destroy: Output[str]
    integrations: Output[list[str]]
    enabled: Output[bool]
    created_at: Output[str]
    updated_at: Output[str]


class AccessProfileType(shell.Resource, Outputs, provider=Provider):
    """An access profile type: what the profiles of this type may hold, and how they behave.

    Its Pulumi id is the type's id. The API neither changes nor deletes a type: a change of any of its fields creates a
    new type and leaves the old one behind, and a destroy leaves it in Veza.
    """

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[Args]) -> None:
        super().__init__(resource_name, args, opts)
