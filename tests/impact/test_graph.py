"""Inheritance as a picture: what is drawn, that circles end, and that no name breaks out of its box."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from pulumi_veza.access.organisation import HeldEntitlement, Membership, Organisation, Profile, ProfileType, Ref
from pulumi_veza.cli.commands import application
from pulumi_veza.errors import LookupFailedError
from pulumi_veza.graph import FORMATS
from pulumi_veza.graph.inheritance import Graph, graph
from pulumi_veza.graph.layout import ranks_of, rows

SVG = "{http://www.w3.org/2000/svg}"


def organisation(**inherits: str) -> Organisation:
    """Return profiles by name, each with the names, in one text, of what it inherits from."""
    found = Organisation()
    found.types[Ref("t")] = ProfileType(Ref("t"), "Role")
    for name, parents in inherits.items():
        refs = frozenset(Ref(each) for each in parents.split())
        found.profiles[Ref(name)] = Profile(Ref(name), name.title(), Ref("t"), inherits=refs)
    return found


def drawn(text: str, **inherits: str) -> str:
    return FORMATS[text](graph(organisation(**inherits)))


def test_a_tree_shows_what_each_profile_inherits_and_a_shared_one_once() -> None:
    found = organisation(lead="seller crm", seller="crm mail", crm="", mail="")
    held = HeldEntitlement.of({"entity_type": "G", "datasource_id": "d", "entity_id": "e"})
    found.profiles[Ref("crm")] = replace(found.profiles[Ref("crm")], entitlements={held.key: held}, state="PAUSED")
    found.members[Ref("lead")] = {"ana": Membership("ana")}
    assert FORMATS["text"](graph(found)) == (
        "Lead  [Role; 0 entitlements, 1 member]\n"
        "├── Crm  [Role; 1 entitlement, 0 members; PAUSED]\n"
        "└── Seller  [Role; 0 entitlements, 0 members]\n"
        "    ├── Crm (shown above)\n"
        "    └── Mail  [Role; 0 entitlements, 0 members]\n"
    )


def test_a_circle_is_shown_as_one_in_every_rendering_and_ends() -> None:
    circle = {"a": "b", "b": "c", "c": "a d", "d": ""}
    text = drawn("text", **circle)
    assert "A (circle: it inherits from itself)" in text
    assert len(text.splitlines()) == 5
    assert drawn("mermaid", **circle).count("|circle|") == 3
    assert drawn("dot", **circle).count('label="circle"') == 3
    paths = ET.fromstring(drawn("svg", **circle)).iter(f"{SVG}path")  # noqa: S314 - it was drawn a moment ago
    assert [each.get("class") for each in paths if each.get("class")].count("edge circle") == 3
    assert "circle" not in drawn("text", **{**circle, "c": "d"})
    assert "A (circle: it inherits from itself)" in drawn("text", a="a")


def test_a_parent_that_nobody_knows_is_drawn_by_its_id() -> None:
    assert "└── elsewhere  [nothing is known of it]" in drawn("text", a="elsewhere")


def test_a_change_shows_what_is_new_gone_and_different() -> None:
    before = organisation(a="b c", b="", c="")
    after = organisation(a="b d", b="", d="")
    found = graph(after, before)
    assert {node.name: node.change.value for node in found.nodes} == {"A": "changed", "B": "", "C": "gone", "D": "new"}
    assert {(edge.heir, edge.parent): edge.change.value for edge in found.edges} == {
        ("a", "b"): "",
        ("a", "c"): "gone",
        ("a", "d"): "new",
    }
    assert "- C  [Role; 0 entitlements, 0 members; gone]" in FORMATS["text"](found)
    assert "-.->|gone|" in FORMATS["mermaid"](found)


def test_versions_that_are_not_live_are_no_profiles() -> None:
    found = organisation(a="")
    found.profiles[Ref("a/versions/2")] = replace(found.profiles[Ref("a")], ref=Ref("a/versions/2"), version="2")
    assert len(graph(found).nodes) == 1


def test_around_a_profile_are_its_heirs_and_what_it_inherits() -> None:
    found = graph(organisation(lead="seller", seller="crm", crm="base", base="", other="base"))
    assert [node.name for node in found.around("Crm").nodes] == ["Base", "Crm", "Lead", "Seller"]
    with pytest.raises(LookupFailedError, match="there is no profile 'Nobody'; there are Base, Crm"):
        found.around("Nobody")


NASTY = [
    'a"] --> evil["b',
    "</text><script>alert(1)</script>",
    "back\\slash\\n",
    "two\nlines",
    "#quot;&amp;",
    "`code` **bold** end",
    "\N{RIGHT-TO-LEFT OVERRIDE}mirror",
    "名前" * 30,
    "\x00\x1b[31mred",
    "",
]


def named(*names: str) -> Graph:
    found = Organisation()
    for number, name in enumerate(names):
        below = frozenset({Ref(str(number + 1))}) if number + 1 < len(names) else frozenset[Ref]()
        found.profiles[Ref(str(number))] = Profile(Ref(str(number)), name, inherits=below)
    return graph(found)


def assert_whole(found: Graph) -> None:
    svg = ET.fromstring(FORMATS["svg"](found))  # noqa: S314 - it was drawn a moment ago
    assert len(list(svg.iter(f"{SVG}rect"))) == len(found.nodes)
    assert {each.tag.removeprefix(SVG) for each in svg.iter()} <= {
        "svg", "title", "style", "defs", "marker", "path", "g", "rect", "text"
    }  # fmt: skip
    for line in FORMATS["mermaid"](found).splitlines()[1:]:
        box = r'n\d+\["[^"\\`<>&*\x00-\x1f]*(<br/>[^"\\`<>&*\x00-\x1f]*)*"\]'
        assert re.fullmatch(rf"\s+({box}|n\d+ --> n\d+)", line), line
    for line in FORMATS["dot"](found).splitlines()[3:-1]:
        text = r'"([^"\\\x00-\x1f]|\\.)*"'
        assert re.fullmatch(rf"  n\d+ (\[label={text}, color=\S+\];|-> n\d+ \[color=\S+\];)", line), line
    assert len(FORMATS["text"](found).splitlines()) == len(found.nodes)


def test_no_name_breaks_out_of_its_box() -> None:
    assert_whole(named(*NASTY))


@given(st.lists(st.text(max_size=30), min_size=1, max_size=4))
def test_no_name_at_all_breaks_out_of_its_box(names: list[str]) -> None:
    assert_whole(named(*names))


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20))
def test_every_graph_is_drawn_once_whole_and_the_same_again(pairs: list[tuple[int, int]]) -> None:
    inherits = {f"p{number}": "" for number in range(8)}
    for heir, parent in pairs:
        inherits[f"p{heir}"] += f" p{parent}"
    found = graph(organisation(**inherits))
    ranks = ranks_of(rows(found))
    assert {*ranks} == {node.ref for node in found.nodes}
    for render in FORMATS.values():
        assert render(found) == render(graph(organisation(**dict(reversed(inherits.items())))))
    assert all(ranks[edge.heir] < ranks[edge.parent] for edge in found.edges if not edge.circle)


def test_a_deep_and_a_wide_organisation_are_drawn() -> None:
    deep = {f"p{number}": f"p{number + 1}" for number in range(300)}
    assert len(drawn("text", **deep, p300="").splitlines()) == 301
    wide = {f"p{number}": "base" for number in range(1000)}
    assert len(ET.fromstring(drawn("svg", **wide, base="")).findall(f"{SVG}g")) == 1001  # noqa: S314


# The command


def run(*arguments: str, input: str | None = None) -> tuple[int, str, str]:  # noqa: A002 - what goes in
    done = CliRunner().invoke(application, ["graph", *arguments], input=input)
    return done.exit_code, done.stdout, done.stderr


STATE = {
    "version": 3,
    "deployment": {
        "resources": [
            {
                "urn": f"urn:pulumi:dev::t::pulumi-python:dynamic/veza:AccessProfile::{name}",
                "type": "pulumi-python:dynamic/veza:AccessProfile",
                "id": name,
                "custom": True,
                "inputs": {"name": name, "profile_type": "t", "state": "RUNNING", "inherits_from": inherits},
                "outputs": {"name": name, "profile_type": "t", "state": "RUNNING", "inherits_from": inherits},
            }
            for name, inherits in {"lead": {"crm": "crm"}, "crm": {}}.items()
        ]
    },
}


def test_a_state_is_drawn_from_a_file_and_from_the_standard_input(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps(STATE))
    code, printed, _ = run(str(file))
    assert (code, printed.splitlines()[1][:8]) == (0, "└── crm ")
    assert run("-", input=file.read_text())[1] == printed
    assert run(str(file), "--format", "svg", "--output", str(tmp_path / "x.svg"))[0] == 0
    assert (tmp_path / "x.svg").read_text().startswith("<svg")


def test_what_cannot_be_drawn_ends_with_two_and_a_wrong_command_with_sixty_four(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for arguments in (["none.json"], ["-"], ["-", "--around", "x"]):
        code, printed, error = run(*arguments, input="")
        assert (code, printed, error.count("\n")) == (2, "", 1)
    monkeypatch.setenv("PATH", str(tmp_path))
    code, _, error = run()
    assert code == 2
    assert "there is no `pulumi` on the PATH" in error
    for arguments in (["--format", "pdf"], ["x.json", "--live"]):
        assert run(*arguments)[0] == 64
