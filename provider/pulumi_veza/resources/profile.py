"""Access profiles.

Metadata is patched on the profile, content on its current version. The API cannot delete a profile, so a destroy pauses
it, and a profile of the same name and type is adopted rather than created a second time.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal

import pulumi
from pulumi import Input, Output
from typing_extensions import Required, TypedDict, Unpack, override

from pulumi_veza.errors import ConflictError, InvalidRequestError, NotFoundError, RefusedError
from pulumi_veza.fields.field_types import UNKNOWN, JsonObject, identity
from pulumi_veza.fields.problems import Problems
from pulumi_veza.fields.schema import InputField, OutputField, Schema, SentIn
from pulumi_veza.fields.spelling import composed, tidy
from pulumi_veza.provider import kept, shell
from pulumi_veza.provider.absence import confirm_profile_gone, warn_of_recreation
from pulumi_veza.provider.creation import create_once, name_conflict
from pulumi_veza.provider.kind import Kind, Live, Operation
from pulumi_veza.resources import adopting, content, moved_content, topics
from pulumi_veza.resources.adopting import name_key
from pulumi_veza.resources.inputs import CatalogItemInfo, Entitlement
from pulumi_veza.resources.version_selector import selected
from pulumi_veza.rules import adoption
from pulumi_veza.rules.adoption import EXISTING_ID, Action
from pulumi_veza.rules.identity import CONTENT_LISTS, CURRENT, bears_name, writes_content

BOTH = SentIn.CREATE | SentIn.UPDATE


class Args(content.ContentArgs, total=False):
    """The arguments of a profile; content that is not written here may be managed by an ``AccessProfileVersion``."""

    name: Required[Annotated[Input[str], InputField("The profile's name.", BOTH, non_empty=True, meaning="name")]]
    profile_type: Required[
        Annotated[Input[str], InputField("The id of the profile's type.", BOTH, non_empty=True, meaning="id")]
    ]
    state: Annotated[
        Input[Literal["INITIAL", "RUNNING", "PAUSED", "DRY_RUN", "PENDING"]],
        InputField("Whether Veza acts on it; access requests open only while it is RUNNING.", BOTH, default="RUNNING"),
    ]
    description: Annotated[Input[str], InputField("What the profile is for.", BOTH)]
    labels: Annotated[
        Input[Sequence[Input[str]]], InputField("Labels of your own, as a set.", BOTH, key=identity, meaning="name")
    ]
    custom_properties: Annotated[Input[Mapping[str, Any]], InputField("Properties of your own.", BOTH)]
    datasource_ids: Annotated[
        Input[Sequence[Input[str]]],
        InputField(
            "The ids of the datasources that the profile belongs to, as a set.",
            SentIn.UPDATE,
            key=identity,
            meaning="id",
        ),
    ]
    require_approval_to_start: Annotated[
        Input[bool], InputField("Whether starting the profile needs an approval.", SentIn.UPDATE)
    ]
    catalog_item_info: Annotated[
        Input[CatalogItemInfo], InputField("How it shows in the access request catalogue.", SentIn.UPDATE)
    ]
    profile_type_rbac_id: Annotated[
        Input[str],
        InputField(
            "The access-control id of the profile's type, its `rbac_id` in the API.", SentIn.UPDATE, meaning="id"
        ),
    ]
    adopt: Annotated[
        Input[Literal["identical", "always", "never"]],
        InputField(
            "Whether a profile of this name and type that exists is taken over: when it is equal in every field "
            "written here, always (and then updated), or never.",
            default="identical",
        ),
    ]
    existing_id: Annotated[
        Input[str],
        InputField(
            "The id of the profile to take over, where the name alone does not tell which; none is created. Another "
            'name or type than the one written is a difference like any other: refused, or with adopt="always" '
            "changed. Only the create reads it, so it may stay or go afterwards.",
            non_empty=True,
            create_only=True,
            meaning="id",
        ),
    ]
    on_destroy: Annotated[
        Input[Literal["pause", "retain", "prevent"]],
        InputField("Destroying pauses the profile, leaves it as it is, or is refused.", default="pause"),
    ]


class State(TypedDict, total=False):
    """The outputs that are no arguments; all but ``adopted`` are fields of these names in the API's profile."""

    current_version_number: Annotated[int, OutputField("The number of the version that is live.")]
    draft_version_number: Annotated[int, OutputField("The number of the draft, 0 where there is none.")]
    integrations: Annotated[list[str], OutputField("The integrations its entitlements reach.")]
    provider_ids: Annotated[list[str], OutputField("The providers its entitlements come from.")]
    requestable: Annotated[bool, OutputField("Whether people can request it.")]
    created_at: Annotated[str, OutputField("When it was created, RFC 3339.")]
    updated_at: Annotated[str, OutputField("When it was changed last, RFC 3339.")]
    adopted: Annotated[bool, OutputField("Whether it existed already and was taken over.")]


class ProfileKind(Kind):
    """Creates or adopts a profile, patches metadata and content separately, and pauses it when it is destroyed."""

    name = "AccessProfile"
    schema = Schema(Args, State)
    conflict_advice = adopting.CONFLICT_ADVICE

    @override
    def validate(self, args: Mapping[str, Any], problems: Problems) -> None:
        content.validate(args, problems)
        adopting.validate(args, problems)

    @override
    def identity(self, args: Mapping[str, Any]) -> Hashable | None:
        return None if UNKNOWN in (args.get("profile_type"), args.get("name")) else name_key(args)

    @override
    def kept_identity(self, args: Mapping[str, Any]) -> Hashable | None:
        kept = tidy(args["name"])
        return (args["profile_type"], kept) if kept else None

    @override
    def previous_identity(self, op: Operation) -> Hashable | None:
        was = name_key(op.olds)
        return None if was == self.identity(op.args) else was

    @override
    def learn(self, op: Operation, inputs: Mapping[str, Any]) -> None:
        moved_content.learn(op, inputs)

    @override
    def preview(self, op: Operation) -> None:
        op.session.claims.claim(("declared still", op.id), op.owner)
        op.session.claims.note_version(op.id, CURRENT, op.olds.get("current_version_number"))
        content.announce(op, self.schema, moved_content.left(op))

    @override
    def claim_declared(self, op: Operation) -> None:
        if id_ := adopting.to_take_over(op):
            self._claim(op, id_)

    @override
    def claim(self, op: Operation) -> None:
        adopting.refuse_another(op, "access profile")
        if op.olds.get("profile_type"):
            op.session.snapshot.remember_type(op.id, op.olds["profile_type"])
        self._claim(op, op.id)
        if "name" not in op.secret and isinstance(op.olds.get("name"), str):
            op.session.claims.profile_names[op.id] = op.olds["name"]
        moved_content.announce(op)

    def _claim(self, op: Operation, id_: str) -> None:
        op.claim(("profile", id_), f"access profile {op.args.get('name')!r} ({id_})")
        if writes_content(op.args):
            op.claim(("content", id_), f"the content of access profile {op.args.get('name')!r} ({id_})")

    @override
    def create_remote(self, op: Operation) -> tuple[str, JsonObject]:
        name, profile_type = op.args["name"], op.args["profile_type"]
        if existing := op.args.get(EXISTING_ID):
            found = op.session.snapshot.profile(existing, profile_type)
            by_id = {existing: found} if found else {}
        else:
            op.claim(("profile named", *name_key(op.args)), f"an access profile named {name!r} of type {profile_type}")
            by_id = {p["id"]: p for p in self._named(op)}
        same_name = [{"id": id_, **self._fields(op, p)} for id_, p in by_id.items()]
        decision = adoption.decide_profile(self.schema, op.args, same_name)
        if decision.action is Action.REFUSE:
            raise RefusedError(adopting.refusal(op, self.schema, decision))
        if decision.found:
            profile = by_id[decision.found["id"]]
            adopting.announce(op, self.schema, decision)
        else:
            profile = self._create(op)
            op.claim(("made", profile["id"]), f"access profile {name!r}")
        self._claim(op, profile["id"])
        adopted = decision.found is not None
        fields = self._fields(op, profile)
        changed = adoption.to_patch(self.schema, fields, op.args, created=not adopted)
        profile = self._patch(op, profile, changed)
        posted = () if adopted else (f.name for f in self.schema if f.input.sent & SentIn.CREATE)
        return profile["id"], self._outputs(op, profile, {"adopted": adopted}, {*posted, *changed})

    def _outputs(
        self, op: Operation, profile: JsonObject, olds: Mapping[str, Any], sent: Collection[str]
    ) -> JsonObject:
        """Return the computed outputs after a write that sent these fields."""
        live = self._fields(op, profile) if sent else {}
        return {**self.schema.computed(profile, olds), **kept.after_write(op, self.schema, live, sent)}

    def _named(self, op: Operation) -> list[JsonObject]:
        """Return the profiles of this type that the name means and that no other resource of the run has."""

        def alike(profile: JsonObject) -> bool:
            return adoption.is_left_by_a_create(self.schema, self._fields(op, profile), op.args)

        def is_free(profile: JsonObject) -> bool:
            claims, named = op.session.claims, (op.args["profile_type"], composed(profile.get("name") or ""))
            unclaimed = claims.holder(("profile", profile["id"])) in (None, op.owner)
            return unclaimed and not claims.declared_elsewhere((self.name, named), op.owner)

        snapshot = op.session.snapshot
        return list(filter(is_free, snapshot.profiles_named(op.args["name"], op.args["profile_type"], alike)))

    def _create(self, op: Operation) -> JsonObject:
        body = self.schema.to_api(op.args, SentIn.CREATE)
        content_names = {f.api for f in self.schema if f.input.sent & SentIn.CONTENT}

        def create() -> JsonObject:
            return op.session.snapshot.create_profile(body, content_names)

        def found_again() -> list[JsonObject]:
            op.session.snapshot.refresh_profiles()
            named = self._named(op)
            return [p for p in named if not adoption.profile_differences(self.schema, self._fields(op, p), op.args)]

        warn_of_recreation(op, ("profile", *name_key(op.args)), f"access profile {op.args['name']!r}")
        return create_once(create, found_again, "access profile", lambda error: self._name_conflict(op, error))

    def _name_conflict(self, op: Operation, error: ConflictError, own_id: str = "") -> ConflictError:
        listed, secret = op.session.snapshot.profiles, "name" in op.secret
        return name_conflict(error, op.args["name"], listed, "access profile", secret=secret, own_id=own_id)

    def _patch(self, op: Operation, profile: JsonObject, changed: set[str]) -> JsonObject:
        """Patch the metadata, then the content; return the patched profile.

        Where the API refuses the metadata because the new type forbids the old content, the removals from the content
        are sent first. Example: a profile moves to a type without inheritance and gets another entitlement. Its
        metadata is refused with 400, so `inherits_from` is emptied and the entitlements are reduced to those that stay;
        the metadata is patched again; then the new entitlement is added.
        """
        metadata = self.schema.to_api(op.args, SentIn.UPDATE, changed)
        inside = {n for n in changed if self.schema[n].input.sent & SentIn.CONTENT}
        try:
            profile = self._patch_metadata(op, profile, metadata)
        except InvalidRequestError:
            staying = self._staying(op, profile, inside) if "profile_type" in changed else {}
            if not staying:
                raise
            kept = {n: value for n, value in op.args.items() if n not in inside} | staying
            profile = self._patch_metadata(op, self._patch_content(op, profile, kept, set(staying)), metadata)
            inside = {n for n in inside if not (n in staying and self.schema.same(self.schema[n], staying, op.args))}
        return self._patch_content(op, profile, op.args, inside)

    def _staying(self, op: Operation, profile: JsonObject, inside: set[str]) -> JsonObject:
        """Return the content fields that lose elements or their value, each with the elements that it keeps."""
        held = self.schema.from_api(self._fields(op, profile), {n: {} for n in CONTENT_LISTS})
        found: JsonObject = {}
        for name in inside:
            old, new = held.get(name), op.args.get(name)
            if name in CONTENT_LISTS:
                kept = {k: v for k, v in (old or {}).items() if k in (new or {})}
                if len(kept) < len(old or {}):
                    found[name] = kept
            elif self.schema[name].type.canon(new) is None:
                found[name] = None
        return found

    def _patch_metadata(self, op: Operation, profile: JsonObject, metadata: JsonObject) -> JsonObject:
        if not metadata:
            return profile
        try:
            return op.session.snapshot.update_profile(profile["id"], metadata)
        except ConflictError as error:
            raise self._name_conflict(op, error, profile["id"]) if "name" in metadata else error from None

    def _patch_content(
        self, op: Operation, profile: JsonObject, values: Mapping[str, Any], inside: set[str]
    ) -> JsonObject:
        if not inside:
            return profile
        number = selected(op, profile, "current")
        content.patch(op, self.schema, profile, number, values, inside)
        return op.session.snapshot.profile(profile["id"]) or profile

    @override
    def read_remote(self, op: Operation) -> Live | None:
        profile = op.session.snapshot.profile(op.id, op.olds.get("profile_type"))
        if profile is None:
            confirm_profile_gone(op, op.id)
            op.session.snapshot.absences.record(("profile", *name_key(op.olds)), op.id)
            return None
        op.session.snapshot.remember_type(op.id, profile.get("profile_type", ""))
        args, otherwise = kept.after_read(op, self.schema, self._fields(op, profile))
        return Live(op.id, args, {**self.schema.computed(profile, op.olds), **otherwise})

    @override
    def update_remote(self, op: Operation) -> JsonObject:
        sent = {name for name in op.changed if self.schema[name].input.sent} - moved_content.left(op)
        if not sent:
            return self._outputs(op, {}, op.olds, ())
        profile: JsonObject | None = {"id": op.id}
        if any(self.schema[name].input.sent & SentIn.CONTENT for name in sent):
            profile = op.session.snapshot.profile(op.id, op.olds.get("profile_type"))
        if profile and profile.keys() > {"id"}:
            sent -= adoption.held_already(self.schema, self._fields(op, profile), op.args, op.olds, sent)
        gone = RefusedError(
            f"access profile {op.olds.get('name')!r} ({op.id}) is no longer in Veza; run `pulumi refresh`, and the "
            "next `pulumi up` creates it anew"
        )
        if profile is None:
            confirm_profile_gone(op, op.id)
            raise gone
        try:
            return self._outputs(op, self._patch(op, profile, sent), op.olds, sent)
        except NotFoundError:
            confirm_profile_gone(op, op.id, changed=True)
            raise gone from None

    @override
    def delete_remote(self, op: Operation) -> None:
        what = f"{op.olds.get('name')!r} ({op.id})"
        if holder := op.session.claims.holder(("profile", op.id)):
            op.info(f"access profile {what} stays as it is: {holder} manages it now")
        elif op.olds.get("on_destroy") == "retain":
            op.gather(topics.PROFILE_STAYS, what)
        else:
            self._pause(op, what)

    def _pause(self, op: Operation, what: str) -> None:
        try:
            op.session.client.update_access_profile(op.id, {"state": "PAUSED"})
        except NotFoundError:
            op.session.snapshot.forget(op.id)
            confirm_profile_gone(op, op.id, changed=True)
            if op.session.snapshot.profile(op.id, op.olds.get("profile_type")):
                reason = "answers 404 to a change, but is listed; run it again; nothing was changed"
                raise RefusedError(f"{op.words}: access profile {what} {reason}") from None
        else:
            op.gather(topics.PROFILE_PAUSED, what)

    def _fields(self, op: Operation, profile: JsonObject) -> JsonObject:
        """Return the metadata and the content of the current version in one object, under the API's names.

        A name that differs only by the prefix that the profile's type adds is returned as the program writes it.
        """
        snapshot, number = op.session.snapshot, profile.get("current_version_number")
        fields = adoption.profile_fields(self.schema, profile, snapshot.version(profile, number) if number else {})
        wanted = op.args.get("name")
        of_type = partial(snapshot.profile_type, profile.get("profile_type", ""))
        if isinstance(wanted, str) and bears_name(profile, wanted, of_type, ours=True):
            fields["name"] = wanted
        return fields


class Provider(shell.Provider, kind=ProfileKind()):
    """The provider of access profiles; its module and name are in every state."""


class Outputs:
    """The attributes of a profile in a program, beside `id` and `urn`."""

    name: Output[str]
    profile_type: Output[str]
    state: Output[str]
    description: Output[str]
    labels = shell.Listed[str]()
    custom_properties: Output[dict[str, Any]]
    datasource_ids = shell.Listed[str]()
    require_approval_to_start: Output[bool]
    catalog_item_info: Output[dict[str, Any]]
    profile_type_rbac_id: Output[str]
    access_request_policy_id: Output[str]
    application_datasource_id: Output[str]
    application_sync_identity_action: Output[dict[str, str]]
    entitlements = shell.Listed[Entitlement]()
    inherits_from = shell.Listed[str]()
    adopt: Output[str]
    existing_id: Output[str]
    on_destroy: Output[str]
    current_version_number: Output[int]
    draft_version_number: Output[int]
    integrations: Output[list[str]]
    provider_ids: Output[list[str]]
    requestable: Output[bool]
    created_at: Output[str]
    updated_at: Output[str]
    adopted: Output[bool]


class AccessProfile(shell.Resource, Outputs, provider=Provider):
    """An access profile: a named collection of entitlements that its members get.

    Its Pulumi id is the profile's id. Its content (``entitlements`` and ``inherits_from``) is managed here where it is
    written here, and otherwise by an ``AccessProfileVersion``.
    """

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[Args]) -> None:
        super().__init__(resource_name, args, opts, moved_content.versions_input(self, args))
