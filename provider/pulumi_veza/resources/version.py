"""The content of one version of an access profile.

The API has no way to create a version, so this manages what is there: the live one, the draft, or one by its number.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Annotated, Any, Literal

import pulumi
from pulumi import Input, Output
from typing_extensions import Required, TypedDict, Unpack, override

from pulumi_veza.errors import NotFoundError, RefusedError
from pulumi_veza.fields.field_types import UNKNOWN, JsonObject, Problems
from pulumi_veza.fields.schema import InputField, OutputField, Schema, SentIn
from pulumi_veza.provider import shell
from pulumi_veza.provider.lifecycle import Call, Kind, Live
from pulumi_veza.resources import content
from pulumi_veza.resources.inputs import Entitlement
from pulumi_veza.rules import adoption


class Args(content.ContentArgs, total=False):
    """What a user writes."""

    profile_id: Required[Annotated[Input[str], InputField("The id of the profile.", replace=True, non_empty=True)]]
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
    """What the server adds."""

    version_number: Annotated[int, OutputField("The number of the version that the selector means.")]
    published_at: Annotated[str, OutputField("When it was published, RFC 3339.")]
    updated_at: Annotated[str, OutputField("When it was changed last, RFC 3339.")]


class VersionKind(Kind):
    """Takes over a version's content, patches it, and leaves or empties it."""

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
    def declare(self, call: Call, args: Mapping[str, Any], *, new: bool) -> None:
        # Only here does a preview see that a profile which exists is written with its content.
        if args["version"] == "current" and args["profile_id"] is not UNKNOWN:
            self._claim(call, args["profile_id"], args["version"], None)

    @override
    def keep(self, call: Call, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        self._claim(call, news["profile_id"], news["version"], olds.get("version_number"))
        return False

    def _claim(self, call: Call, profile_id: str, selector: str, number: int | None) -> None:
        what = f"the content of {content.in_words(str(number or selector), profile_id)}"
        call.claim(("content", profile_id, number or selector), what)
        if selector == "current":
            # A profile that is written with its content holds the current one under this claim.
            call.claim(("content", profile_id), what)

    @override
    def create_remote(self, call: Call, args: JsonObject) -> tuple[str, JsonObject]:
        profile = content.profile_of(call, args["profile_id"], {})
        number = content.selected(call, profile, args["version"])
        self._claim(call, profile["id"], args["version"], number)
        live = self._live(call, profile, number)
        differs = adoption.different(self.schema, live, args, SentIn.CONTENT)
        what = content.in_words(args["version"], profile["id"], profile.get("name"))
        self._may_adopt(call, what, args, live, differs)
        differs += adoption.missing_from_response(self.schema, live, args, SentIn.CONTENT)
        if differs:
            self._patch(call, profile, number, args, differs)
        return content.version_id(profile["id"], args["version"]), self._computed(call, profile, number)

    def _may_adopt(self, call: Call, what: str, args: JsonObject, live: JsonObject, differs: list[str]) -> None:
        non_empty = {
            f.name
            for f in self.schema
            if f.arg.sent and f.name != "state" and f.node.canon(f.node.from_wire(live.get(f.api))) is not None
        }
        over = [name for name in differs if name in non_empty]
        difference = adoption.describe(self.schema, live, args, over, call.secret)
        if args["adopt"] == "never" and non_empty:
            raise RefusedError(
                f'{what} has content already ({", ".join(sorted(non_empty))}), and adopt="never" is set; write '
                'adopt="identical" to take over what is equal, or adopt="always" to overwrite it'
            )
        if over and args["adopt"] == "identical":
            raise RefusedError(
                f"{what} has content that differs in {difference}; write the same here to take it over, or "
                'adopt="always" to overwrite it'
            )
        if over:
            call.warn(f"overwriting the content of {what}: {difference}")

    @override
    def read_remote(self, call: Call, id_: str, managed: JsonObject | None, olds: Mapping[str, Any]) -> Live | None:
        profile_id, selector = content.parse_version_id(id_)
        profile = content.find_profile(call, profile_id, olds)
        number = content.number_of(profile, selector) if profile else None
        if profile is None or number is None:
            return None
        args = self.schema.from_wire(self._live(call, profile, number), managed)
        args |= {"profile_id": profile_id, "version": selector}
        return Live(id_, args, self._computed(call, profile, number, olds))

    @override
    def update_remote(
        self, call: Call, id_: str, olds: Mapping[str, Any], news: JsonObject, changed: list[str]
    ) -> JsonObject:
        # A state has no empty value: what is no longer written is no longer managed.
        changed = [name for name in changed if name != "state" or news.get("state") is not None]
        if not any(self.schema[name].arg.sent for name in changed):
            return {name: olds.get(name) for name in (*self.schema.outputs, content.TYPE_KEY)}
        profile = content.profile_of(call, news["profile_id"], olds)
        number = content.selected(call, profile, news["version"])
        self._patch(call, profile, number, news, changed)
        return self._computed(call, profile, number, olds)

    @override
    def delete_remote(self, call: Call, id_: str, olds: Mapping[str, Any]) -> None:
        profile_id, selector = content.parse_version_id(id_)
        if olds.get("on_destroy") != "clear":
            call.info(f"the content of {content.in_words(selector, profile_id)} stays in Veza as it is")
            return
        profile = content.find_profile(call, profile_id, olds)
        number = content.number_of(profile, selector) if profile else None
        if profile is None or number is None:
            return
        claims = call.session.claims
        holder = claims.holder(("content", profile_id, number)) or (
            claims.holder(("content", profile_id)) if number == profile.get("current_version_number") else None
        )
        if holder:
            call.info(f"the content of version {number} of access profile {profile_id} stays: {holder} manages it now")
            return
        try:
            content.patch(call, self.schema, profile, number, {}, content.LISTS)
        except NotFoundError:
            call.session.snapshot.forget(profile_id)

    def _patch(self, call: Call, profile: JsonObject, number: int, args: JsonObject, changed: list[str]) -> None:
        try:
            content.patch(call, self.schema, profile, number, args, changed)
        except NotFoundError:
            raise RefusedError(
                f"{call.owner}: access profile {profile['id']} has no version {number} any more; run `pulumi refresh`, "
                "then `pulumi up`"
            ) from None
        if "state" in changed:
            # Publishing moves the numbers on the profile, which only a new list shows.
            call.session.snapshot.refresh_profiles()

    def _live(self, call: Call, profile: JsonObject, number: int) -> JsonObject:
        version = call.session.snapshot.version(profile, number)
        current = number == profile.get("current_version_number")
        return content.of_profile(profile if current else {}, version)

    def _computed(
        self, call: Call, profile: JsonObject, number: int, olds: Mapping[str, Any] | None = None
    ) -> JsonObject:
        olds = olds or {}
        version = call.session.snapshot.version(profile, number)
        return {
            "version_number": number,
            "published_at": version.get("published_at", olds.get("published_at")),
            "updated_at": version.get("updated_at", olds.get("updated_at")),
            content.TYPE_KEY: profile.get("profile_type"),
        }


class Provider(shell.Provider, kind=VersionKind()):
    """The provider of versions; its module and name are in every state."""


class AccessProfileVersion(shell.Resource, provider=Provider):
    """The content of one version of an access profile: its entitlements and what it inherits.

    Its Pulumi id is ``PROFILE_ID/versions/SELECTOR``. With ``version="current"`` it follows the live version: when
    somebody publishes another, a refresh shows the difference and the next ``pulumi up`` patches the new one.
    """

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

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[Args]) -> None:
        super().__init__(resource_name, args, opts)
