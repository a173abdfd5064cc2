"""What a program does with the outputs of a resource, which are made when it asks for them; on Pulumi's own mocks."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

IMPORTS = """
import pulumi
import pulumi_veza as veza
from pulumi import dynamic
"""

IN_ANOTHER_WAY = """
from pulumi.runtime import rpc

made = rpc.transfer_properties
rpc.transfer_properties = lambda res, props, custom, more=None: made(res, props, custom)
"""
"""An SDK that makes the outputs by a function which we do not know."""

PREAMBLE = """


class Engine(pulumi.runtime.Mocks):
    failing = False

    def new_resource(self, args):
        if self.failing and args.name == "sales":
            raise ValueError("Veza is down")
        sent.append((args.name, args.inputs))
        return f"id-{args.name}", {**args.inputs, "labels": {"a": "a"}, "current_version_number": 3.0}

    def call(self, args):
        return {}


sent = []
engine = Engine()
pulumi.runtime.set_mocks(engine, preview=False)


def sales(**more):
    return veza.AccessProfile("sales", name="Sales", profile_type="t", **more)


async def told(output):
    resources = {each.pulumi_resource_name for each in await output.resources()}
    return await output.future(), await output.is_known(), await output.is_secret(), resources
"""


def run(program: str, tmp_path: Path, sdk: str = "") -> subprocess.CompletedProcess[str]:
    """Run the body of a function in a program of its own, with what changes the SDK before."""
    body = textwrap.indent(textwrap.dedent(program), "    ")
    file = tmp_path / "program.py"
    file.write_text(f"{sdk}{IMPORTS}{PREAMBLE}\n\n@pulumi.runtime.test\ndef main():\n{body}\n\nmain()\n")
    command = [sys.executable, "-W", "error::RuntimeWarning", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def succeeds(program: str, tmp_path: Path, sdk: str = "") -> str:
    done = run(program, tmp_path, sdk)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_an_attribute_is_one_output_with_the_dependency_on_its_resource(tmp_path: Path) -> None:
    succeeds(
        """
        profile = sales(description=pulumi.Output.secret("hush"))
        assert profile.state is profile.state
        assert profile.id is profile.id
        assert vars(profile)["state"] is profile.state
        assert not hasattr(profile, "stat")

        async def check():
            assert await told(profile.name) == ("Sales", True, False, {"sales"})
            assert await told(profile.description) == ("hush", True, True, {"sales"})
            assert await told(profile.current_version_number) == (3, True, False, {"sales"})
            assert isinstance(await profile.current_version_number.future(), int)
            assert await told(profile.labels) == (["a"], True, False, {"sales"})
            assert await told(profile.updated_at) == (None, True, False, {"sales"})
            assert await told(profile.id) == ("id-sales", True, False, {"sales"})
            # Only now asked for the first time.
            assert await told(profile.profile_type) == ("t", True, False, {"sales"})

        return check()
        """,
        tmp_path,
    )


def test_what_a_program_does_not_give_is_not_sent(tmp_path: Path) -> None:
    said = succeeds(
        """
        async def check(_):
            print([(name, sorted(inputs)) for name, inputs in sent])

        return sales(labels=None).id.apply(check)
        """,
        tmp_path,
    )
    assert said.strip() == "[('sales', ['__name', '__provider', 'name', 'profile_type'])]"


def test_an_attribute_that_is_misspelt_is_refused_as_python_does(tmp_path: Path) -> None:
    done = run("sales().descripton", tmp_path)
    assert "AttributeError: 'AccessProfile' object has no attribute 'descripton'" in done.stderr


def test_an_exported_resource_has_every_property(tmp_path: Path) -> None:
    succeeds(
        """
        schema = veza.AccessProfile.kind().schema
        exported = pulumi.runtime.stack.massage(sales(), [])
        assert exported.keys() >= {"id", "urn", *schema.fields, *schema.outputs}

        def check(values):
            assert values["current_version_number"] == 3
            assert values["labels"] == {"a": "a"}

        return pulumi.Output.all(**exported).apply(check)
        """,
        tmp_path,
    )


def test_a_transformation_reads_none_for_an_argument_that_is_not_given(tmp_path: Path) -> None:
    succeeds(
        """
        def transform(args):
            assert args.props["description"] is None
            props = {**args.props, "description": f"{args.props['name']} of {args.props['labels']}", "more": "x"}
            return pulumi.ResourceTransformationResult(props, args.opts)

        profile = sales(opts=pulumi.ResourceOptions(transformations=[transform]))

        async def check():
            assert await profile.description.future() == "Sales of None"
            assert await profile.more.future() == "x"

        return check()
        """,
        tmp_path,
    )


def test_a_failure_is_the_failure_of_every_output_and_of_the_program(tmp_path: Path) -> None:
    done = run(
        """
        engine.failing = True
        before = sales()
        state = before.state

        def recovered(error):
            print("recovered", error)
            return "none"

        async def later(_):
            return await before.description.recover(recovered).future()

        return state.recover(recovered).apply(later)
        """,
        tmp_path,
    )
    assert done.stdout.splitlines() == ["recovered Veza is down"] * 2
    assert "Veza is down" in done.stderr
    assert done.returncode != 0


def test_a_dynamic_provider_of_the_program_may_refer_to_a_resource(tmp_path: Path) -> None:
    """The SDK pickles what it refers to, with the values of the outputs."""
    succeeds(
        """
        import base64

        import dill

        profile = sales(description="the first")

        class Provider(dynamic.ResourceProvider):
            def create(self, props):
                return dynamic.CreateResult("x", {"seen": profile.description.get(), "id": profile.id.get()})

        class Theirs(dynamic.Resource):
            pass

        async def check(_):
            (theirs,) = [inputs for name, inputs in sent if name == "theirs"]
            pickled = pulumi.runtime.rpc.unwrap_rpc_secret(theirs["__provider"])
            provider = pulumi.runtime._serialization._deserialize(lambda: dill.loads(base64.b64decode(pickled)))
            assert provider.create({}).outs == {"seen": "the first", "id": "id-sales"}

        return Theirs(Provider(), "theirs", {}).id.apply(check)
        """,
        tmp_path,
    )


@pytest.mark.parametrize(("sdk", "own"), [("", True), (IN_ANOTHER_WAY, False)], ids=["made by us", "made by the SDK"])
def test_a_program_sees_the_same_where_the_sdk_makes_the_outputs(sdk: str, own: bool, tmp_path: Path) -> None:
    """So it is with a version of the SDK that makes them in another way."""
    said = succeeds(
        f"""
        from pulumi_veza.provider import pulumi_private

        assert pulumi_private.OWN_OUTPUTS is {own}
        profile = sales(description="d")
        assert ("updated_at" in pulumi_private.own_dict(profile)) is not {own}
        assert vars(profile).keys() >= {{*veza.AccessProfile.kind().schema.properties}}

        async def check():
            for output in (profile.description, profile.labels, profile.adopted, profile.current_version_number):
                print(await told(output))

        return check()
        """,
        tmp_path,
        sdk,
    )
    assert said.splitlines() == [
        "('d', True, False, {'sales'})",
        "(['a'], True, False, {'sales'})",
        "(None, True, False, {'sales'})",
        "(3, True, False, {'sales'})",
    ]
