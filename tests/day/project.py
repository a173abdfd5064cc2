"""The project of the day: its files, as somebody edits them, and the tenant with its people."""

from __future__ import annotations

from pathlib import Path

from tests.support.tenant import Json, Tenant

PROGRAM = Path(__file__).resolve().parent / "program"

_NAMES = (
    "Ana Alves, Ben Brandt, Cleo Costa, Dan Dahl, Edna Eriksen, Fred Fuchs, Gina Greco, Hugo Hansen, Ines Ibarra, "
    "Jack Jensen, Kim Keller, Lena Lopez, Max Moser, Nora Nagy, Otto Olsen, Pia Pohl, Quin Quist, Rosa Rossi, "
    "Sam Smit, Tess Thoma, Umar Usman, Vera Vogel, Will Weber, Xena Xu, Yara Yilmaz, Zoe Zander"
)


def people() -> list[Json]:
    """Return the identities of the company; Yara Yilmaz is inactive."""
    found = []
    for name in _NAMES.split(", "):
        first = name.partition(" ")[0].lower()
        found.append({"id": f"id-{first}", "name": name, "title": "Specialist", "active": first != "yara"})
    return found


def fill(tenant: Tenant) -> None:
    """Give the tenant its people, and the datasource that the program's applications belong to."""
    tenant.seed(
        identities=people(),
        datasources=[{"id": "okta-main", "integration": "OKTA", "entity_types": ["OktaGroup"]}],
    )
    tenant.quirks(strict_identities=True)


class Project:
    """The files of the stack's project, with every text of the last commit."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._committed: dict[str, str] = {}
        self.commit()

    def replace(self, file: str, old: str, new: str) -> None:
        """Replace a text that the file has exactly once."""
        path = self._folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def add_line(self, file: str, line: str) -> None:
        """Add a line at the end of a file."""
        path = self._folder / file
        path.write_text(f"{path.read_text(encoding='utf-8')}{line}\n", encoding="utf-8")

    def drop_line(self, file: str, line: str) -> None:
        """Remove a line that the file has exactly once."""
        self.replace(file, f"{line}\n", "")

    def lines(self, file: str) -> list[str]:
        """Return the lines of a file."""
        return (self._folder / file).read_text(encoding="utf-8").splitlines()

    def commit(self) -> None:
        """Keep the files as they are."""
        names = [path.name for path in PROGRAM.iterdir() if path.is_file()]
        self._committed = {name: (self._folder / name).read_text(encoding="utf-8") for name in names}

    def take_back(self) -> None:
        """Write the files as they were at the last commit."""
        for name, text in self._committed.items():
            (self._folder / name).write_text(text, encoding="utf-8")
