"""``pulumi-veza diff``, in every format, on a tenant that somebody has changed by hand."""

from __future__ import annotations

from tests.drift import company
from tests.drift.compared import exported
from tests.support.runs import runs_of
from tests.witness.recorder import Recorder, scenario

FORMATS_OF_DIFF = ("terminal", "markdown", "markdown-plain", "json", "sarif", "annotations", "junit")


@scenario
def drift(recorder: Recorder) -> None:
    """Compare a stack with its tenant before and after somebody changed it, with a baseline in between."""
    with runs_of(recorder.tenant) as runs:
        engine = company.deployed(runs)
        (recorder.cwd / "state.json").write_text(exported(engine), encoding="utf-8")
        program = [each for each in company.declared(crm={"description": "New"}) if each.key != "free"]
        (recorder.cwd / "preview.json").write_text(engine.preview(program), encoding="utf-8")

    recorder.section("a baseline, and a night after it")
    recorder.live("diff", "state.json")
    begin = ("--baseline", "veza-exceptions.yaml", "--owner", "ana", "--expires", "2999-12-31")
    recorder.live("diff", "state.json", *begin)
    recorder.note((recorder.cwd / "veza-exceptions.yaml").read_text(encoding="utf-8"))
    recorder.live("diff", "state.json")
    recorder.live("diff", "preview.json")

    recorder.section("what somebody did by hand")
    company.changed_by_hand(recorder.tenant)
    for each in FORMATS_OF_DIFF:
        recorder.live("diff", "state.json", "--format", each)
    recorder.live("diff", "preview.json", "state.json", "--full", "--all-members")
    recorder.live("diff", "state.json", "--fail-on", "count>20,coverage<10")

    recorder.section("a key that sees less")
    recorder.tenant.key(hidden_profiles=["CRM"], member_list=403)
    recorder.live("diff", "state.json", "--fail-on", "never")
    recorder.command("diff", "state.json", VEZA_URL=recorder.tenant.url, VEZA_API_KEY="another")
