"""Access profiles.

Metadata is changed on the profile, content on its current version. The API cannot delete a profile, so a destroy pauses
it, and a profile of the same name and type is taken over rather than created a second time.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Annotated, Any, Literal

import pulumi
from pulumi import Input, Output
from typing_extensions import Required, TypedDict, Unpack, override

from pulumi_veza.errors import InvalidRequestError, NotFoundError, RefusedError
from pulumi_veza.fields.field_types import UNKNOWN, JsonObject, Problems, identity
from pulumi_veza.fields.schema import InputField, OutputField, Schema, SentIn
from pulumi_veza.provider import shell
from pulumi_veza.provider.lifecycle import Call, Kind, Live
from pulumi_veza.resources import content
from pulumi_veza.resources.inputs import CatalogItemInfo, Entitlement
from pulumi_veza.rules import adoption

BOTH = SentIn.CREATE | SentIn.UPDATE


class Args(content.ContentArgs, total=False):
    """What a user writes. Content that is written here is the profile's; otherwise it is an AccessProfileVersion's."""

    name: Required[Annotated[Input[str], InputField("The profile's name.", BOTH, non_empty=True)]]
    profile_type: Required[Annotated[Input[str], InputField("The id of its type.", BOTH, non_empty=True)]]
    state: Annotated[
        Input[Literal["INITIAL", "RUNNING", "PAUSED", "DRY_RUN", "PENDING"]],
        InputField("Whether Veza acts on it; access requests open only while it is RUNNING.", BOTH, default="RUNNING"),
    ]
    description: Annotated[Input[str], InputField("What it is for.", BOTH)]
    labels: Annotated[Input[Sequence[Input[str]]], InputField("Labels of your own, as a set.", BOTH, key=identity)]
    custom_properties: Annotated[Input[Mapping[str, Any]], InputField("Properties of your own.", BOTH)]
    datasource_ids: Annotated[
        Input[Sequence[Input[str]]], InputField("The datasources it belongs to, as a set.", SentIn.UPDATE, key=identity)
    ]
    require_approval_to_start: Annotated[
        Input[bool], InputField("Whether starting the profile needs an approval.", SentIn.UPDATE)
    ]
    catalog_item_info: Annotated[
        Input[CatalogItemInfo], InputField("How it shows in the access request catalogue.", SentIn.UPDATE)
    ]
    profile_type_rbac_id: Annotated[Input[str], InputField("The access-control id of its type.", SentIn.UPDATE)]
    adopt: Annotated[
        Input[Literal["identical", "always", "never"]],
        InputField(
            "Whether a profile of this name and type that exists is taken over: when it is equal in every field "
            "written here, always (and then updated), or never.",
            default="identical",
        ),
    ]
    on_destroy: Annotated[
        Input[Literal["pause", "retain", "prevent"]],
        InputField("Destroying pauses the profile, leaves it as it is, or is refused.", default="pause"),
    ]


class State(TypedDict, total=False):
    """What the server adds."""

    current_version_number: Annotated[int, OutputField("The number of the version that is live.")]
    draft_version_number: Annotated[int, OutputField("The number of the draft, 0 where there is none.")]
    integrations: Annotated[list[str], OutputField("The integrations its entitlements reach.")]
    provider_ids: Annotated[list[str], OutputField("The providers its entitlements come from.")]
    requestable: Annotated[bool, OutputField("Whether people can request it.")]
    created_at: Annotated[str, OutputField("When it was created, RFC 3339.")]
    updated_at: Annotated[str, OutputField("When it was changed last, RFC 3339.")]
    adopted: Annotated[bool, OutputField("Whether it existed already and was taken over.")]


class ProfileKind(Kind):
    """Creates or takes over, patches metadata and content apart, pauses."""

    name = "AccessProfile"
    schema = Schema(Args, State)

    @override
    def validate(self, args: Mapping[str, Any], problems: Problems) -> None:
        content.validate(args, problems)

    @override
    def identity(self, args: Mapping[str, Any]) -> Hashable | None:
        named = (args["profile_type"], args["name"])
        return None if UNKNOWN in named else named

    @override
    def given_up(self, olds: Mapping[str, Any], args: Mapping[str, Any]) -> Hashable | None:
        was = (olds.get("profile_type"), olds.get("name"))
        return None if was == self.identity(args) else was

    @override
    def keep(self, call: Call, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        if olds.get("profile_type"):
            call.session.snapshot.remember_type(id_, olds["profile_type"])
        self._claim(call, id_, news)
        if any(olds.get(name) for name in content.LISTS) and not any(name in news for name in content.LISTS):
            call.warn(
                "its content is taken out, as entitlements and inherits_from are no longer written here; an "
                "AccessProfileVersion that is to hold it writes it again in the same run, with a gap in between"
            )
        return False

    def _claim(self, call: Call, id_: str, args: Mapping[str, Any]) -> None:
        call.claim(("profile", id_), f"access profile {args.get('name')!r} ({id_})")
        if any(args.get(name) is not None for name in content.LISTS):
            call.claim(("content", id_), f"the content of access profile {args.get('name')!r} ({id_})")

    @override
    def create_remote(self, call: Call, args: JsonObject) -> tuple[str, JsonObject]:
        name, profile_type = args["name"], args["profile_type"]
        call.claim(("profile named", profile_type, name), f"an access profile named {name!r} of type {profile_type}")
        candidates = self._named(call, args)
        if candidates:
            profile, adopted = self._adopt(call, args, candidates), True
        else:
            profile, adopted = self._create(call, args), False
            call.claim(("made", profile["id"]), f"access profile {name!r}")
        self._claim(call, profile["id"], args)
        profile = self._settle(call, profile, args)
        return profile["id"], self._computed(profile, {"adopted": adopted})

    def _named(self, call: Call, args: JsonObject) -> list[JsonObject]:
        """Find the profiles of this name and type that no other resource of this run manages."""
        named = call.session.snapshot.profiles_named(args["name"], args["profile_type"])
        return [p for p in named if call.session.claims.holder(("profile", p["id"])) in (None, call.owner)]

    def _adopt(self, call: Call, args: JsonObject, candidates: list[JsonObject]) -> JsonObject:
        what = f"access profile {args['name']!r}"
        if len(candidates) > 1:
            raise RefusedError(
                f"{len(candidates)} access profiles of type {args['profile_type']} are named {args['name']!r} "
                f"({adoption.listed(candidates)}); rename all but one of them in Veza, or choose another name"
            )
        profile = candidates[0]
        live = self._flat(call, profile, args)
        differs = self._different_but_state(live, args)
        difference = adoption.describe(self.schema, live, args, differs, call.secret)
        if args["adopt"] == "never":
            raise RefusedError(
                f'{what} ({profile["id"]}) exists already, and adopt="never" is set; choose another name, or write '
                'adopt="identical" to take it over when it is equal'
            )
        if differs and args["adopt"] == "identical":
            raise RefusedError(
                f"{what} ({profile['id']}) exists already and differs in {difference}; write the same here to take it "
                'over, or adopt="always" to take it over and change it, or choose another name'
            )
        later = {
            "pause": "a later destroy pauses it",
            "retain": "a later destroy leaves it as it is",
            "prevent": "a later destroy is refused",
        }[args["on_destroy"]]
        changing = f" and changing {difference}" if differs else ""
        was, is_ = profile.get("state"), args.get("state")
        moved = f"; it was {was} and becomes {is_}, for whoever is a member already" if was and was != is_ else ""
        call.info(f"taking over the existing {what} ({profile['id']}){changing}; {later}{moved}")
        return profile

    def _create(self, call: Call, args: JsonObject) -> JsonObject:
        body = self.schema.to_wire(args, SentIn.CREATE)

        def create() -> JsonObject:
            return call.session.snapshot.create_profile(body)

        def found_again() -> list[JsonObject]:
            call.session.snapshot.refresh_profiles()
            live = ((p, self._flat(call, p, args)) for p in self._named(call, args))
            return [p for p, flat in live if not self._different_but_state(flat, args)]

        return adoption.create_once(create, found_again, "access profile")

    def _different_but_state(self, live: JsonObject, args: JsonObject) -> list[str]:
        return [n for n in adoption.different(self.schema, live, args, SentIn.CREATE) if n != "state"]

    def _is_metadata(self, api: str) -> bool:
        return any(f.api == api and f.arg.sent & SentIn.UPDATE for f in self.schema)

    def _settle(self, call: Call, profile: JsonObject, args: JsonObject) -> JsonObject:
        """Patch what the POST cannot carry, and what an adopted profile has otherwise."""
        live = self._flat(call, profile, args)
        later = SentIn.UPDATE | SentIn.CONTENT
        differs = adoption.different(self.schema, live, args, later) + adoption.missing_from_response(
            self.schema, live, args, later
        )
        return self._patch(call, profile, args, set(differs))

    def _patch(self, call: Call, profile: JsonObject, args: Mapping[str, Any], changed: set[str]) -> JsonObject:
        metadata = self.schema.to_wire(args, SentIn.UPDATE, changed)
        inside = {n for n in changed if self.schema[n].arg.sent & SentIn.CONTENT}
        try:
            profile = self._patch_metadata(call, profile, metadata)
        except InvalidRequestError:
            # The new type may forbid what the old content holds, which may no longer be there: what goes goes first.
            staying = self._staying(call, profile, args, inside) if "profile_type" in changed else {}
            if not staying:
                raise
            kept = {n: value for n, value in args.items() if n not in inside} | staying
            profile = self._patch_metadata(call, self._patch_content(call, profile, kept, set(staying)), metadata)
            inside = {n for n in inside if not (n in staying and self.schema.same(self.schema[n], staying, args))}
        return self._patch_content(call, profile, args, inside)

    def _staying(self, call: Call, profile: JsonObject, args: Mapping[str, Any], inside: set[str]) -> JsonObject:
        """Give those fields of the content that lose something, each with what it keeps."""
        held = self.schema.from_wire(self._flat(call, profile, args), {n: {} for n in content.LISTS})
        found: JsonObject = {}
        for name in inside:
            old, new = held.get(name), args.get(name)
            if name in content.LISTS:
                kept = {k: v for k, v in (old or {}).items() if k in (new or {})}
                if len(kept) < len(old or {}):
                    found[name] = kept
            elif self.schema[name].node.canon(new) is None:
                found[name] = None
        return found

    def _patch_metadata(self, call: Call, profile: JsonObject, metadata: JsonObject) -> JsonObject:
        return call.session.snapshot.update_profile(profile["id"], metadata) if metadata else profile

    def _patch_content(self, call: Call, profile: JsonObject, args: Mapping[str, Any], inside: set[str]) -> JsonObject:
        if not inside:
            return profile
        number = content.selected(call, profile, "current")
        content.patch(call, self.schema, profile, number, args, inside)
        return call.session.snapshot.profile(profile["id"]) or profile

    @override
    def read_remote(self, call: Call, id_: str, managed: JsonObject | None, olds: Mapping[str, Any]) -> Live | None:
        profile = call.session.snapshot.profile(id_, olds.get("profile_type"))
        if profile is None:
            return None
        call.session.snapshot.remember_type(id_, profile.get("profile_type", ""))
        return Live(
            id_, self.schema.from_wire(self._flat(call, profile, managed), managed), self._computed(profile, olds)
        )

    @override
    def update_remote(
        self, call: Call, id_: str, olds: Mapping[str, Any], news: JsonObject, changed: list[str]
    ) -> JsonObject:
        if not any(self.schema[name].arg.sent for name in changed):
            return self._computed({}, olds)
        profile: JsonObject | None = {"id": id_}
        if any(self.schema[name].arg.sent & SentIn.CONTENT for name in changed):
            profile = call.session.snapshot.profile(id_, olds.get("profile_type"))
        gone = RefusedError(
            f"access profile {olds.get('name')!r} ({id_}) is no longer in Veza; run `pulumi refresh`, and the next "
            "`pulumi up` creates it anew"
        )
        if profile is None:
            raise gone
        try:
            return self._computed(self._patch(call, profile, news, set(changed)), olds)
        except NotFoundError:
            raise gone from None

    @override
    def delete_remote(self, call: Call, id_: str, olds: Mapping[str, Any]) -> None:
        what = f"access profile {olds.get('name')!r} ({id_})"
        if holder := call.session.claims.holder(("profile", id_)):
            call.info(f"{what} stays as it is: {holder} manages it now")
        elif olds.get("on_destroy") == "retain":
            call.info(f"{what} stays in Veza as it is")
        else:
            try:
                call.session.client.update_access_profile(id_, {"state": "PAUSED"})
            except NotFoundError:
                call.session.snapshot.forget(id_)

    def _flat(self, call: Call, profile: JsonObject, managed: Mapping[str, Any] | None) -> JsonObject:
        """Give a profile's metadata and its current version's content side by side, as the fields have them."""
        number = profile.get("current_version_number")
        inside = content.of_profile(profile, call.session.snapshot.version(profile, number) if number else {})
        flat = {k: v for k, v in profile.items() if self._is_metadata(k)}
        flat |= {f.api: inside[f.api] for f in self.schema if f.arg.sent & SentIn.CONTENT and f.api in inside}
        wanted = (managed or {}).get("name")
        if isinstance(wanted, str) and call.session.snapshot.bears_name(profile, wanted, ours=True):
            flat["name"] = wanted
        return flat

    def _computed(self, profile: JsonObject, olds: Mapping[str, Any]) -> JsonObject:
        return self.schema.computed(profile, olds)


class Provider(shell.Provider, kind=ProfileKind()):
    """The provider of access profiles; its module and name are in every state."""


class AccessProfile(shell.Resource, provider=Provider):
    """An access profile: a named collection of entitlements that its members get.

    Its Pulumi id is the profile's id. Its content (``entitlements`` and ``inherits_from``) is managed here where it is
    written here, and otherwise by an ``AccessProfileVersion``.
    """

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
    on_destroy: Output[str]
    current_version_number: Output[int]
    draft_version_number: Output[int]
    integrations: Output[list[str]]
    provider_ids: Output[list[str]]
    requestable: Output[bool]
    created_at: Output[str]
    updated_at: Output[str]
    adopted: Output[bool]

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[Args]) -> None:
        super().__init__(resource_name, args, opts)
