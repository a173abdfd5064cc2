"""The words of the renderings, each explained once: for a reader who knows neither Pulumi nor Veza."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

COMMAND: Final = "pulumi-veza glossary"
"""The command that prints the glossary: the documentation has no address of its own, and this needs none."""

POINTER: Final = f"What the words mean: {COMMAND}"
"""Where a rendering without room for the glossary leads."""


def pointed(text: str) -> str:
    """Return a text of one line that ends in where the glossary is."""
    return f"{text.rstrip('.')}. {POINTER}"


@dataclass(frozen=True)
class Term:
    """A word and what it means."""

    word: str
    meaning: str
    """Two sentences."""
    also: tuple[str, ...] = ()
    """Other forms of the word by which a text is known to use it."""

    def used_in(self, text: str) -> bool:
        """Return whether a text uses the word."""
        return any(re.search(rf"\b{re.escape(each)}", text, re.IGNORECASE) for each in (self.word, *self.also))


LOST: Final = Term(
    "Lost",
    "The person certainly loses the access when the change is made. No other profile gives them the same.",
)
MAY_BE_LOST: Final = Term(
    "May be lost",
    "The person may lose the access, and the reason why that is not certain stands beside it. Usually a value is "
    "known only once the change is made, or nobody has looked at a profile that may give them the same.",
    also=("may lose",),
)
GAINED: Final = Term(
    "Gained",
    "The person certainly gets the access when the change is made. No profile gave it to them before.",
)
MAY_BE_GAINED: Final = Term(
    "May be gained",
    "The person may get the access, and the reason why that is not certain stands beside it. Usually a condition "
    "decides who has it, or a profile that nobody has looked at gives it to them already.",
    also=("may gain",),
)
UNGOVERNED: Final = Term(
    "Kept, but no longer governed",
    "The access is taken out of a profile, but the type of that profile lets members keep it, so the person keeps "
    "it. From then on no profile says that they should have it, and nobody takes it away when they change jobs.",
    also=("no longer governed", "ungoverned"),
)
MAYBE_UNGOVERNED: Final = Term(
    "Kept, perhaps no longer governed",
    "The access is taken out of a profile whose type lets members keep it, so nobody loses it. Another profile may "
    "still give it, and the reason why that is not certain stands beside it.",
    also=("may be no longer governed", "perhaps no longer governed"),
)
NO_EFFECT: Final = Term(
    "No effect yet",
    "A profile gives the person the access, but that profile is not running, or it is not the live version that "
    "gives it. The person gets the access only when somebody starts the profile or publishes the version.",
)
UNKNOWN: Final = Term(
    "Could not be known",
    "Access begins or ends, but nobody can say for whom or which before the change is made. The reason stands beside "
    "it.",
)

TERMS: Final = (
    LOST,
    MAY_BE_LOST,
    GAINED,
    MAY_BE_GAINED,
    UNGOVERNED,
    MAYBE_UNGOVERNED,
    NO_EFFECT,
    UNKNOWN,
    Term(
        "Access profile",
        "A named bundle of entitlements in Veza, such as everything that a job needs. Whoever is a member of it gets "
        "what it holds.",
        also=("profile",),
    ),
    Term(
        "Entitlement",
        "One right in one application: a group, a role or a permission set. It is written as its kind, the system "
        "that has it, and its name there.",
    ),
    Term(
        "Member",
        "A person who is in an access profile and has what it holds. Joining a profile gives access, leaving it "
        "takes the access away unless another profile gives the same.",
    ),
    Term(
        "Membership set",
        "The part of a program that lists members of one access profile. An authoritative set removes whoever is not "
        "listed and was added by hand, an additive set leaves others alone, and an audit changes nobody.",
    ),
    Term(
        "Profile type",
        "The kind of an access profile, which decides what profiles of that kind may hold. It also decides whether "
        "members keep what is taken out of their profile.",
        also=("type of", "its type", "types"),
    ),
    Term(
        "Inherited",
        "A profile can inherit other profiles, such as a job that needs several applications. Its members then have "
        "what those hold, too.",
        also=("inherit",),
    ),
    Term(
        "Version",
        "What a profile holds is kept in numbered versions, of which one is live. Only the live version gives "
        "members anything; the others are drafts or history.",
        also=("live one", "live version"),
    ),
    Term(
        "Running",
        "A running profile gives its members what it holds. A paused profile is still there, and gives nothing.",
        also=("paused",),
    ),
    Term(
        "Identity",
        "A person as Veza knows them, with an id that programs write. An inactive identity is of somebody who has "
        "left or is blocked.",
        also=("inactive",),
    ),
    Term(
        "Removal",
        "People whom one change takes out of one access profile. They are counted whatever they lose by it.",
    ),
    Term(
        "Guard",
        "Every membership set has a limit on how many members one change may remove. A change above the limit is "
        "refused until somebody confirms exactly that change.",
    ),
    Term(
        "Confirmation",
        "A value, printed with the refusal, that lets exactly the removals pass that it was printed for. It is "
        "written as `allow_removals` in the membership set, or given to one run as `VEZA_ALLOW_REMOVALS`.",
        also=("confirm", "allow_removals"),
    ),
    Term(
        "Vanished set",
        "A membership set that was there the last time and that the program no longer declares. Its members are "
        "removed, unless its guard refuses that.",
        also=("no longer declares",),
    ),
    Term(
        "Conflict",
        "Two parts of the program want different things of one profile, or something in Veza differs from what the "
        "program says of it. It has to be resolved first, as the change is refused or undone otherwise.",
    ),
    Term(
        "Access request",
        "What Veza opens to carry out the change of one person's membership. It may need an approval or fail in "
        "Veza, after the change itself was made.",
    ),
    Term(
        "Provision",
        "An access request to provision gives a person what a profile holds. One to de-provision takes it away from "
        "them.",
        also=("de-provision",),
    ),
    Term(
        "Taken over",
        "A profile that exists in Veza already becomes one that the program manages, also called adopted. No second "
        "one is created, and what it holds is compared with what the program says.",
        also=("take over", "taking over", "adopt"),
    ),
    Term(
        "Leaves the stack",
        "The program no longer declares the profile. It is paused in Veza unless the program says otherwise, and it "
        "is still there.",
    ),
    Term(
        "By hand",
        "Somebody did it in Veza itself, and not by changing the program. The program learns of it by the next "
        "`pulumi refresh`.",
    ),
    Term(
        "Managed",
        "The program decides how it is, and changes it back where somebody changed it by hand. What is unmanaged "
        "stays as it is in Veza.",
        also=("unmanaged",),
    ),
    Term(
        "Drift",
        "What differs between the program, the state and the tenant. Mostly somebody changed it by hand, or a change "
        "of the program was not applied yet.",
    ),
    Term(
        "Tenant",
        "One organisation's Veza, at an address of its own. This is where access really changes.",
    ),
    Term(
        "Stack",
        "All profiles, types and members that one program manages in one tenant, under a name such as `prod`. A pull "
        "request shows what changes in it.",
    ),
    Term(
        "State",
        "What Pulumi remembers of a stack since the last change. It does not know what was changed by hand since then.",
        also=("the state",),
    ),
    Term(
        "Program",
        "The text in which engineers write how profiles, types and members are to be. A pull request changes it, and "
        "nothing happens in Veza before the change is made.",
    ),
    Term(
        "`pulumi up`",
        "The command that makes the change. What it would do is shown by `pulumi preview` before, which changes "
        "nothing.",
        also=("pulumi up",),
    ),
    Term(
        "`pulumi refresh`",
        "The command that reads what the tenant holds now into the state. It changes nothing in Veza.",
        also=("pulumi refresh",),
    ),
    Term(
        "Rehearsal",
        "The change is made on a twin, which is a copy of what the tenant holds on somebody's own machine. It shows "
        "what would happen, and nobody's access changes.",
        also=("rehearse", "twin"),
    ),
    Term(
        "Finding",
        "Something that a rule or a comparison found and that somebody should look at. One that stops lets nothing "
        "happen before it is resolved; an advisory one is shown and lets the change pass.",
        also=("advisory",),
    ),
    Term(
        "Exception",
        "A written permission to leave a finding as it is, with an owner, a reason and a date until which it counts. "
        "After that date the finding counts again.",
        also=("excepted",),
    ),
)
"""Every word, the effects of a change first."""


def used_in(text: str) -> Iterator[Term]:
    """Yield the words that a text uses."""
    return (each for each in TERMS if each.used_in(text))


def find(word: str) -> list[Term]:
    """Return the terms that somebody who asks for a word means; none where there are none."""
    wanted = word.strip().strip("`").casefold()
    return [each for each in TERMS if any(wanted in name.casefold() for name in (each.word, *each.also))]
