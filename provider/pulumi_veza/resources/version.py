"""The content of one version of an access profile.

The API cannot create a version, so the resource manages an existing one: the live one, the draft, or one by its number.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import Annotated, Any, Literal

import pulumi
from pulumi import Input, Output
from typing_extensions import Required, TypedDict, Unpack, override

from pulumi_veza.errors import NotFoundError, RefusedError
from pulumi_veza.fields.field_types import UNKNOWN, JsonObject
from pulumi_veza.fields.problems import Problems
from pulumi_veza.fields.schema import InputField, OutputField, Schema, SentIn
from pulumi_veza.provider import kept, shell
from pulumi_veza.provider.absence import confirm_version_gone
from pulumi_veza.provider.kind import Kind, Live, Operation
from pulumi_veza.resources import content, moved_content, topics
from pulumi_veza.resources.inputs import Entitlement
from pulumi_veza.resources.version_selector import (
    TYPE_KEY,
    find_version,
    in_words,
    parse_version_id,
    profile_of,
    selected,
    version_id,
)
from pulumi_veza.rules import adoption, wording
from pulumi_veza.rules.adoption import Action, AdoptionDecision, Refusal
from pulumi_veza.rules.identity import CONTENT_LISTS


class Args(content.ContentArgs, total=False):
    """The arguments of a version: its content, its selector, and options of this provider."""

    profile_id: Required[
        Annotated[Input[str], InputField("The id of the profile.", replace=True, non_empty=True, meaning="id")]
    ]
    version: Annotated[
        Input[str | int],
        InputField(
            "Which version: `current` follows the live one, `draft`, or a number.", replace=True, default="current"
        ),
    ]
    state: Annotated[
        Input[Literal["PUBLISHED", "DRAFT", "RETIRED"]],
        InputField("The version's state; PUBLISHED on a draft named by its number makes it live.", SentIn.CONTENT),
    ]
    adopt: Annotated[
        Input[Literal["identical", "always", "never"]],
        InputField(
            "Whether content that is there already is taken over: when it is empty or equal, always (and then "
            "overwritten), or only when it is empty.",
            default="identical",
        ),
    ]
    on_destroy: Annotated[
        Input[Literal["retain", "clear", "prevent"]],
        InputField("Destroying leaves the content, empties both lists, or is refused.", default="retain"),
    ]


class State(TypedDict, total=False):
    """The outputs that are no arguments, from the fields of these names in the API's version."""

    version_number: Annotated[int, OutputField("The number of the version that the selector means.")]
    published_at: Annotated[str, OutputField("When it was published, RFC 3339.")]
    updated_at: Annotated[str, OutputField("When it was changed last, RFC 3339.")]


class VersionKind(Kind):
    """Adopts the content of an existing version, patches it, and retains or empties it when it is destroyed."""

    name = "AccessProfileVersion"
    schema = Schema(Args, State)

    @override
    def validate(self, args: Mapping[str, Any], problems: Problems) -> None:
        content.validate(args, problems)
        if args["version"] == "draft" and args.get("state") is not None:
            problems.add(
                "state",
                'cannot be set on version="draft": once it is published it is the draft no more; name it by its number '
                "(the profile's draft_version_number)",
                show_value=True,
            )

    @override
    def identity(self, args: Mapping[str, Any]) -> Hashable | None:
        named = (args["profile_id"], args["version"])
        return None if UNKNOWN in named else named

    @override
    def claim_declared(self, op: Operation) -> None:
        # A preview of a new version runs only check, so this claim alone shows that the profile writes its content too.
        if op.args["version"] == "current" and op.args["profile_id"] is not UNKNOWN:
            self._claim(op, None)

    @override
    def preview(self, op: Operation) -> None:
        content.announce(op, self.schema)

    @override
    def claim(self, op: Operation) -> None:
        self._claim(op, op.olds.get("version_number"))

    def _claim(self, op: Operation, number: int | None) -> None:
        profile_id, selector = op.args["profile_id"], op.args["version"]
        what = f"the content of {in_words(str(number or selector), profile_id)}"
        op.claim(("content", profile_id, number or selector), what)
        if selector == "current":
            # A profile with inline content claims the current version under this key.
            op.claim(("content", profile_id), what)

    @override
    def create_remote(self, op: Operation) -> tuple[str, JsonObject]:
        profile = profile_of(op, op.args["profile_id"])
        number = selected(op, profile, op.args["version"])
        self._claim(op, number)
        live = self._live(op, profile, number)
        decision = adoption.decide_content(self.schema, op.args, live)
        what = in_words(op.args["version"], profile["id"], profile.get("name"))
        if decision.action is Action.REFUSE:
            raise RefusedError(self._refusal(op, what, decision))
        if over := adoption.overwritten(self.schema, decision):
            difference = wording.differences(self.schema, live, op.args, over, op.secret)
            op.warn(f"overwriting the content of {what}: {difference}")
        if changed := {*adoption.differences(self.schema, live, op.args, SentIn.CONTENT), *decision.missing}:
            profile = self._patch(op, profile, number, changed)
        return version_id(profile["id"], op.args["version"]), self._written(op, profile, number, changed)

    def _refusal(self, op: Operation, what: str, decision: AdoptionDecision) -> str:
        if decision.refusal is Refusal.NEVER:
            return (
                f'{what} has content already ({", ".join(decision.differences)}), and adopt="never" is set; write '
                'adopt="identical" to take over what is equal, or adopt="always" to overwrite it'
            )
        live = decision.found or {}
        difference = wording.differences(self.schema, live, op.args, decision.differences, op.secret)
        return (
            f"{what} has content that differs in {difference}; write the same here to take it over, or "
            'adopt="always" to overwrite it'
        )

    @override
    def read_remote(self, op: Operation) -> Live | None:
        found = find_version(op)
        if found is None:
            return None
        profile_id, selector = parse_version_id(op.id)
        args, otherwise = kept.after_read(op, self.schema, self._live(op, *found))
        args |= {"profile_id": profile_id, "version": selector}
        return Live(op.id, args, {**self._computed(op, *found), **otherwise})

    @override
    def update_remote(self, op: Operation) -> JsonObject:
        # A state has no empty value, so one that the program no longer writes is not sent.
        changed = {name for name in op.changed if name != "state" or op.args.get("state") is not None}
        if not any(self.schema[name].input.sent for name in changed):
            unchanged = {name: op.olds.get(name) for name in (*self.schema.outputs, TYPE_KEY)}
            return {**unchanged, **kept.after_write(op, self.schema, {}, ())}
        profile = profile_of(op, op.args["profile_id"])
        number = selected(op, profile, op.args["version"])
        return self._written(op, self._patch(op, profile, number, changed), number, changed)

    @override
    def delete_remote(self, op: Operation) -> None:
        profile_id, selector = parse_version_id(op.id)
        if op.olds.get("on_destroy") != "clear":
            op.gather(topics.CONTENT_STAYS, in_words(selector, profile_id))
            return
        found = find_version(op)
        if found is None:
            return
        profile, number = found
        claims = op.session.claims
        holder = claims.holder(("content", profile_id, number)) or (
            claims.holder(("content", profile_id)) if number == profile.get("current_version_number") else None
        )
        if holder:
            what = in_words(str(number), profile_id, profile.get("name"))
            op.info(f"the content of {what} stays: {holder} manages it now")
            return
        try:
            content.patch(op, self.schema, profile, number, {}, CONTENT_LISTS)
        except NotFoundError:
            op.session.snapshot.forget(profile_id)
            confirm_version_gone(op, profile_id, number)

    def _patch(self, op: Operation, profile: JsonObject, number: int, changed: set[str]) -> JsonObject:
        """Patch the version; return the profile, with the new content where the version is the current one."""
        try:
            version = content.patch(op, self.schema, profile, number, op.args, changed)
        except NotFoundError:
            confirm_version_gone(op, profile["id"], number)
            what = wording.access_profile(profile["id"], profile.get("name"))
            raise RefusedError(
                f"{op.words}: {what} has no version {number} any more; run `pulumi refresh`, then `pulumi up`"
            ) from None
        if "state" in changed:
            # Publishing changes the version numbers of the profile, which only a new list shows.
            op.session.snapshot.refresh_profiles()
        current = number == profile.get("current_version_number")
        return {**profile, "current_version": version} if current else profile

    def _live(self, op: Operation, profile: JsonObject, number: int) -> JsonObject:
        version = op.session.snapshot.version(profile, number)
        current = number == profile.get("current_version_number")
        return adoption.version_content(profile if current else {}, version)

    def _written(self, op: Operation, profile: JsonObject, number: int, sent: Collection[str]) -> JsonObject:
        """Return the computed outputs after a write that sent these fields."""
        otherwise = kept.after_write(op, self.schema, self._live(op, profile, number) if sent else {}, sent)
        return {**self._computed(op, profile, number), **otherwise}

    def _computed(self, op: Operation, profile: JsonObject, number: int) -> JsonObject:
        version = op.session.snapshot.version(profile, number)
        computed = self.schema.computed({**version, "version_number": number}, op.olds)
        return {**computed, TYPE_KEY: profile.get("profile_type")}


class Provider(shell.Provider, kind=VersionKind()):
    """The provider of versions; its module and name are in every state."""


class Outputs:
    """The attributes of a version in a program, beside `id` and `urn`."""

    profile_id: Output[str]
    version: Output[str]
    state: Output[str]
    entitlements = shell.Listed[Entitlement]()
    inherits_from = shell.Listed[str]()
    access_request_policy_id: Output[str]
    application_datasource_id: Output[str]
    application_sync_identity_action: Output[dict[str, str]]
    adopt: Output[str]
    on_destroy: Output[str]
    version_number: Output[int]
    published_at: Output[str]
    updated_at: Output[str]


class AccessProfileVersion(shell.Resource, Outputs, provider=Provider):
    """The content of one version of an access profile: its entitlements and what it inherits.

    Its Pulumi id is ``PROFILE_ID/versions/SELECTOR``. With ``version="current"`` it follows the live version: when
    somebody publishes another, a refresh shows the difference and the next ``pulumi up`` patches the new one.
    """

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[Args]) -> None:
        super().__init__(resource_name, args, opts)
        moved_content.register_version(args)
