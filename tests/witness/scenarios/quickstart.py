"""The quickstart and the demo, as a new user meets them."""

from __future__ import annotations

from tests.witness.normalise import sorted_engine_output
from tests.witness.recorder import REPOSITORY, Recorder, scenario
from tests.witness.supported import Tenant

QUICKSTART = REPOSITORY / "examples" / "quickstart"


@scenario
def quickstart(recorder: Recorder) -> None:
    """Run the quickstart example from the first preview to the end; an `up` without a change is in the demo."""
    with Tenant.start(seed="demo") as recorder.tenant:
        _quickstart(recorder)


def _quickstart(recorder: Recorder) -> None:
    stack = recorder.stack(QUICKSTART)
    recorder.preview(stack, "--diff")
    recorder.up(stack)

    recorder.section("changed by hand")
    recorder.tenant.change_members("Account Executive", add=["id-rosa.conti"])
    recorder.tenant.edit_profile("CRM Seller", labels=["sales", "everybody"])
    recorder.refresh(stack, "--diff")
    recorder.preview(stack, "--diff")

    recorder.section("changed in the program")
    program = (stack.project / "__main__.py").read_text()
    stack.write(program.replace("max_entitlements=25", "max_entitlements=30"))
    recorder.up(stack)

    recorder.section("the end")
    recorder.destroy(stack)


@scenario
def demo(recorder: Recorder) -> None:
    """Run the demo (`make demo`)."""
    folder = recorder.folder / "demo"
    recorder.python(
        str(REPOSITORY / "tools" / "demo.py"), "--folder", str(folder), shown="make demo", tidy=sorted_engine_output
    )
