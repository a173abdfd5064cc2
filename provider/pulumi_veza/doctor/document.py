"""The document of ``pulumi-veza doctor``: versioned JSON, from which every rendering is made.

Within a version fields and checks are only added, and a reader ignores those that it does not know.
"""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from pulumi_veza import __version__
from pulumi_veza.doctor.configuration import in_use
from pulumi_veza.doctor.examination import Examined, Status
from pulumi_veza.doctor.surroundings import Surroundings


class _ReportPart(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class SettingReport(_ReportPart):
    """A setting that is given."""

    name: str
    value: Annotated[str, Field(description="The value; of a secret only that there is one.")]
    origin: Annotated[str, Field(description="The variable or the key of the configuration that it comes from.")]


class CheckReport(_ReportPart):
    """A check with what it found."""

    id: Annotated[str, Field(description="Stable for ever.")]
    looks_at: str
    status: Status
    finding: str
    remedy: str = ""


class DoctorDocument(_ReportPart):
    """What the doctor found."""

    format: Literal["pulumi-veza-doctor"] = "pulumi-veza-doctor"
    version: Literal[1] = 1
    made_by: str
    system: str
    offline: bool
    counts: Annotated[dict[str, int], Field(description="How many checks ended in each way.")]
    settings: list[SettingReport]
    checks: list[CheckReport]

    def findings(self, *, strict: bool) -> int:
        """Return how many problems there are; with ``strict``, warnings are findings too."""
        return self.counts.get(Status.PROBLEM.value, 0) + strict * self.counts.get(Status.WARNING.value, 0)


def report(examined: Iterable[Examined], surroundings: Surroundings) -> DoctorDocument:
    """Make the document of checks that were run."""
    checks = [
        CheckReport(
            id=each.check.id,
            looks_at=each.check.looks_at,
            status=each.diagnosis.status,
            finding=each.diagnosis.finding,
            remedy=each.diagnosis.remedy,
        )
        for each in examined
    ]
    counts = Counter(each.status.value for each in checks)
    return DoctorDocument(
        made_by=f"pulumi-veza {__version__}",
        system=f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        offline=surroundings.offline,
        counts={each.value: counts[each.value] for each in Status if counts[each.value]},
        settings=[
            SettingReport(name=each.name, value=surroundings.redacted(each.value), origin=each.origin)
            for each in in_use(surroundings)
        ],
        checks=checks,
    )


def dump(document: DoctorDocument) -> str:
    """Serialize a document as JSON."""
    return json.dumps(document.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"
