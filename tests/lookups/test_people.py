"""``People``: names for ids, from files that people write by hand."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from pulumi_veza import People
from pulumi_veza.errors import LookupFailedError, UnusableFileError

PEOPLE = """\
# Who is who
Ana Ruiz: id-ana
Ben Okafor:
  id: id-ben
  email: ben.okafor@example.com
Cyd Muñoz: {id: id-cyd}
Kim (0b4e1c): id-kim-1
Kim (77aa02): id-kim-2
No: id-no
1234: id-1234
2024-01-01: "2024"
~: id-tilde
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    return tmp_path


def listing(folder: Path, content: str | bytes, name: str = "members/team.yaml") -> str:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return name


def refused(content: str | bytes, folder: Path) -> str:
    """Return what is said of a file of people, without its path."""
    with pytest.raises(UnusableFileError) as error:
        People(listing(folder, content, "people.yaml"))
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix("people.yaml:")


@pytest.mark.usefixtures("folder")
def test_a_name_is_an_id_in_either_form_and_whatever_yaml_makes_of_it_elsewhere() -> None:
    people = People("people.yaml")
    assert people["Ana Ruiz"] == "id-ana"
    assert people.ids("Ben Okafor", "Cyd Muñoz") == ["id-ben", "id-cyd"]
    assert people.ids("No", "1234", "2024-01-01", "~") == ["id-no", "id-1234", "2024", "id-tilde"]
    assert people.ids() == []
    assert people[unicodedata.normalize("NFD", "Cyd Muñoz")] == "id-cyd"
    assert unicodedata.normalize("NFD", "Cyd Muñoz") in people
    assert "ana ruiz" not in people
    assert len(people) == len(list(people)) == 9
    assert list(people)[:2] == ["Ana Ruiz", "Ben Okafor"]


def test_a_list_of_members_is_relative_to_the_file_of_people(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listing(folder, "- Ben Okafor\n- 'Ana Ruiz'\n# nobody else\n- 1234\n")
    monkeypatch.chdir("/")
    people = People(folder / "people.yaml")
    assert people.members("members/team.yaml") == ["id-ben", "id-ana", "id-1234"]
    assert people.members(folder / "members" / "team.yaml") == ["id-ben", "id-ana", "id-1234"]


@pytest.mark.parametrize("content", ["", "[]", "# nobody\n", "---\n"])
def test_an_empty_file_is_nobody(folder: Path, content: str) -> None:
    assert People("people.yaml").members(listing(folder, content)) == []
    assert len(People(listing(folder, content.replace("[]", "{}"), "empty.yaml"))) == 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_files_of_other_systems_are_read(folder: Path, encoding: str) -> None:
    windows = PEOPLE.replace("\n", "\r\n").encode(encoding)
    people = People(listing(folder, windows, "windows.yaml"))
    assert people["Cyd Muñoz"] == "id-cyd"
    assert people.members(listing(folder, "- Cyd Muñoz\r\n- No\r\n".encode(encoding))) == ["id-cyd", "id-no"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Ana Ruis", "did you mean 'Ana Ruiz'?"),
        ("ana ruiz", "names are compared in their case: write 'Ana Ruiz'"),
        ("Kim", "several share the name: write 'Kim (0b4e1c)' or 'Kim (77aa02)'"),
        ("Zoë Quill", "add the name with its id, or correct it"),
    ],
)
def test_a_name_that_nobody_has_is_an_error_with_the_place_and_near_names(folder: Path, name: str, hint: str) -> None:
    people = People("people.yaml")
    said = f"people.yaml has nobody named {name!r}; {hint}"
    for look in (lambda: people[name], lambda: people.ids("Ana Ruiz", name)):
        with pytest.raises(LookupFailedError) as error:
            look()
        place, _, rest = str(error.value).partition(": ")
        assert rest == said
        assert place.partition(":")[0].endswith("test_people.py")
        assert place.rpartition(":")[2].isdecimal()
    with pytest.raises(LookupFailedError) as error:
        people.members(listing(folder, f"- Ana Ruiz\n\n- {name}\n"))
    assert str(error.value) == f"members/team.yaml:3: {said}"


def test_an_empty_file_of_people_says_so(folder: Path) -> None:
    with pytest.raises(LookupFailedError, match="it has nobody at all"):
        People(listing(folder, "", "people.yaml"))["Ana Ruiz"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("A: 1\nB: 2\nA: 3\n", "3: the name 'A' is in line 1 already; keep one"),
        ("Mun\u0303oz: 1\nMuñoz: 2\n", "2: the name 'Muñoz' is in line 1 already; keep one"),
        ("A: id-1\nB: ID-1\n", "2: the id ID-1 of 'B' is in line 1 already, as that of 'A'; keep one"),
        ("A:\n", "1: the id of 'A' is empty; write the identity's id, or take the name out"),
        ("A: 'id-1 '\n", "1: the id of 'A' ends with a blank, as no id does"),
        ('A: "id\\n1"\n', "1: the id of 'A' contains '\\n', as no id does"),
        (
            "A: ana@example.com\n",
            "1: the id of 'A' is an e-mail address (ana@example.com); write the identity's id, and",
        ),
        ("B: 1\nA: [1, 2]\n", "2: the id of 'A' is a list; write its id as a text"),
        ("A: {email: x@example.com}\n", "1: the id of 'A' is missing; write its id as a text"),
        ("A:\n  id: 1\n  mail: x\n", "2: 'mail' of 'A' is no part of a person; write id, and email if you like"),
        ("A: {id: 1, id: 2}\n", "1: 'id' of 'A' is written twice"),
        ("A: 1\n? [B]\n: 2\n", "2: a name is a list; write a text, in quotes where YAML needs them"),
        ("'': 2\n", "1: a name is empty; write a text"),
        ("- A\n", " is a list; write a mapping of names to ids, as in `Ana Ruiz: 0b4e...`"),
        ("Ana Ruiz\n", " is a text; write a mapping of names to ids"),
        ("A: 1\nB: 2: 3\n", "2: is no YAML (mapping values are not allowed in this context); write a mapping of names"),
        ("A: 'x\n", "2: is no YAML (found unexpected end of stream"),
        ("A: 1\n---\nB: 2\n", "2: is no YAML (but found another document"),
        ("A: \x07\n", " is no YAML ("),
        (b"A: \xff\n", " is no text; write it in UTF-8"),
    ],
)
def test_a_file_that_is_not_as_it_must_be_is_an_error_with_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | bytes, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert refused(content, tmp_path).startswith(said)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("- Ana Ruiz\n- Ben Okafor\n- Ana Ruiz\n", ":3: 'Ana Ruiz' is in line 1 already; keep one of the two"),
        ("Ana Ruiz: 1\n", ": is a mapping; write a list of names, as in `- Ana Ruiz`"),
        ("Ana Ruiz\n", ": is a text; write a list of names, as in `- Ana Ruiz`"),
        ("- Ana: Ruiz\n", ":1: a name is a mapping; write a text, in quotes where YAML needs them"),
        ("- Ana Ruiz\n-\n", ":2: a name is empty; write a text"),
        ("- [Ana Ruiz\n", ":2: is no YAML ("),
    ],
)
def test_a_list_of_members_that_is_not_as_it_must_be_is_an_error_with_the_line(
    folder: Path, content: str, said: str
) -> None:
    with pytest.raises(UnusableFileError) as error:
        People("people.yaml").members(listing(folder, content))
    assert str(error.value).startswith(f"members/team.yaml{said}")


@pytest.mark.usefixtures("folder")
def test_a_file_that_is_not_there_is_an_error_that_says_what_it_must_be() -> None:
    with pytest.raises(UnusableFileError) as error:
        People("persons.yaml")
    assert str(error.value) == (
        "persons.yaml: No such file or directory; name a mapping of names to ids, as in `Ana Ruiz: 0b4e1c2e-...`"
    )
    Path("members").mkdir()
    with pytest.raises(UnusableFileError, match=r"^members: Is a directory; name a list of names"):
        People("people.yaml").members("members")
