"""The export of a tenant: what it writes and prints, the first time, again, and where it cannot."""

from __future__ import annotations

from tests.witness.recorder import Recorder, scenario
from tests.witness.supported import entitlement

WRITTEN = ("__main__.py", "people.yaml", "members/role/seller.yaml", "NOT-EXPORTED.md")


def _tenant(recorder: Recorder) -> None:
    recorder.tenant.seed(
        identities=[{"id": f"{each}-{each}", "name": each.title()} for each in ("ana", "bob", "eva")],
        types=[
            {"id": "t-role", "name": "Role", "allow_create_relationships": True, "allow_inherit_entities": True},
            {"id": "t-built-in", "name": "Profiles"},
        ],
        profiles=[
            {"id": "p-base", "name": "Everybody", "profile_type": "t-role", "labels": ["base"]},
            {
                "id": "p-seller",
                "name": "Seller",
                "profile_type": "t-role",
                "state": "PAUSED",
                "entities_to_create_relationships_to": [entitlement("00G-sellers")],
                "inherit_entities_from_access_profiles": ["p-base"],
                "members": ["ana-ana", "bob-bob", {"identity_id": "eva-eva", "created_from": "BIRTHRIGHT"}],
            },
            {"id": "p-twin", "name": "Seller", "profile_type": "t-role"},
            {"id": "p-blank", "name": " ", "profile_type": "t-built-in"},
        ],
    )


def _show(recorder: Recorder, *paths: str) -> None:
    for path in paths:
        recorder.record(f"cat out/{path}", 0, (recorder.cwd / "out" / path).read_text(), "")


@scenario
def export(recorder: Recorder) -> None:
    """Export a tenant, export it again after changes in Veza and by hand, and export where that is not possible."""
    _tenant(recorder)
    recorder.live("export", "out")
    _show(recorder, *WRITTEN)
    recorder.section("again")
    recorder.live("export", "out")
    recorder.tenant.seed(profiles=[{"id": "p-new", "name": "Night shift", "profile_type": "t-role"}])
    recorder.tenant.edit_profile("p-base", labels=["base", "all"])
    recorder.tenant.delete_profile("p-twin")
    main = recorder.cwd / "out" / "__main__.py"
    main.write_text(main.read_text() + "# ours\n")
    recorder.live("export", "out")
    recorder.live("export", "out")
    recorder.live("export", "out", "--force")
    recorder.section("a part")
    recorder.live("export", "part", "--label", "base", "--no-members")
    recorder.live("export", "none", "--type", "Nobody*", "--name", "x")
    recorder.section("where it is not possible")
    (recorder.cwd / "mine").mkdir()
    (recorder.cwd / "mine" / "notes.txt").write_text("mine")
    recorder.live("export", "mine")
    recorder.command("export", "out", **{**recorder.tenant.env(), "VEZA_API_KEY": "wrong"})
    recorder.command("export", "out")
    recorder.command("export")
