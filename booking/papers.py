"""What a person brings to her appointment."""

from datetime import date

from django.utils.translation import gettext

from booking import wording
from booking.facts import Facts
from booking.models import Registration
from priority import rules
from priority.models import Evidence

SAID_ANYWAY = {"ID", "INS"}  # everybody's first lines say it


def to_bring(
    registration: Registration, *, on: date, technology: str, facts: Facts, by_letter: bool = False
) -> list[str]:
    """In the order of importance: identity, the proof for her reason on the day of dose 1, then the rest.

    Everything is shown on site and nothing is sent in (§ 6 Absatz 4 CoronaImpfV). Who is written to by letter brings
    the letter; it says by itself where the forms are.
    """
    return [
        gettext("Identity card or another document with a photo that shows where you live"),
        *proofs(registration, on=on, facts=facts),
        gettext("Your health insurance card"),
        gettext("Your vaccination record, if you have one"),
        *(
            [gettext("This letter")]
            if by_letter
            else [gettext("This confirmation, on your mobile phone or printed"), forms(technology)]
        ),
    ]


def proofs(registration: Registration, *, on: date, facts: Facts) -> list[str]:
    """The papers for the best reason under the rules of that day."""
    try:
        regulation = rules.regulation_on(facts.regulations, on)
    except rules.NoRegulation:
        return []
    needed = rules.assess(registration.criteria, registration.birth_date, on, regulation).evidence
    codes = [code for code in needed if code not in SAID_ANYWAY]
    known = Evidence.objects.in_bulk(codes) if codes else {}
    return [known[code].label_de if wording.german() else known[code].label_en for code in codes if code in known]


def forms(technology: str) -> str:
    """Information sheet, history and consent: there is one set for each kind of vaccine."""
    return gettext("Information sheet, history and consent form for %(kind)s, if you have filled them in already") % {
        "kind": _kind(technology)
    }


def forms_on_site(technology: str) -> str:
    """Where the forms are for somebody who has no printer: they are not ours to send, and every center has them."""
    return gettext(
        "The information sheet, the history and the consent form for %(kind)s are not enclosed. You get them at the "
        "entrance and fill them in there; somebody helps you if you like. Please bring your reading glasses."
    ) % {"kind": _kind(technology)}


def _kind(technology: str) -> str:
    return {
        "mrna": gettext("mRNA vaccines"),
        "vector": gettext("vector vaccines"),
        "protein": gettext("protein vaccines"),
    }[technology]
