"""What was typed and what came of it, in words."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from booking import codes
from booking.search import CODES, MOST, Answer, Kind, Query
from web.templatetags.impftermin import plain_date

NAMES = {
    Kind.CASE_NUMBER: gettext_lazy("case number"),
    Kind.DOOR_CODE: gettext_lazy("code for the door"),
    Kind.EMAIL: gettext_lazy("e-mail address"),
    Kind.PHONE: gettext_lazy("telephone number"),
    Kind.NAME_AND_BIRTHDAY: gettext_lazy("name and date of birth"),
    Kind.BIRTHDAY_AND_POSTCODE: gettext_lazy("date of birth and postcode"),
    Kind.NAME_ALONE: gettext_lazy("name, without date of birth"),
    Kind.BIRTHDAY_ALONE: gettext_lazy("date of birth, without name"),
    Kind.POSTCODE_ALONE: gettext_lazy("postcode, without date of birth"),
    Kind.MISREAD: gettext_lazy("a number with a mistake in it"),
    Kind.WRONG_DATE: gettext_lazy("a date that does not exist"),
    Kind.WRONG_EMAIL: gettext_lazy("half an e-mail address"),
    Kind.WRONG_PHONE: gettext_lazy("a telephone number without area code"),
}
# Why nobody was looked for, and the cure.
MISSING = {
    Kind.NAME_ALONE: gettext_lazy("A name alone is not enough. Please ask for the date of birth and add it: 3.2.46"),
    Kind.BIRTHDAY_ALONE: gettext_lazy("A date of birth alone is not enough. Please add the name, or the postcode."),
    Kind.POSTCODE_ALONE: gettext_lazy("A postcode alone is not enough. Please add the date of birth."),
    Kind.MISREAD: gettext_lazy(
        "This number cannot be right: its last character does not fit the others. Please have it read out once more."
    ),
    Kind.WRONG_DATE: gettext_lazy("There is no such date of birth. Please write day, month and year: 3.2.1946"),
    Kind.WRONG_EMAIL: gettext_lazy("This is not a whole e-mail address. Please have it spelled: u.mueller46@gmx.de"),
    Kind.WRONG_PHONE: gettext_lazy("Please write the telephone number with its area code: 03525 4471"),
    Kind.NOTHING: gettext_lazy("Please type name and date of birth, a telephone number, an e-mail address or a code."),
}  # fmt: skip
NOBODY = {
    Kind.CASE_NUMBER: gettext_lazy("There is no such case number. Please have it read out once more."),
    Kind.DOOR_CODE: gettext_lazy("There is no such code for the door. Please have it read out once more."),
    Kind.EMAIL: gettext_lazy("Nobody has this e-mail address. Please look by name and date of birth."),
    Kind.PHONE: gettext_lazy("Nobody has this telephone number. Please look by name and date of birth."),
    Kind.NAME_AND_BIRTHDAY: gettext_lazy("Please check the date of birth, or look by telephone number or e-mail."),
    Kind.BIRTHDAY_AND_POSTCODE: gettext_lazy("Please check both, or look by name and date of birth."),
}


def name(kind: Kind) -> str:
    """What the box takes it for; "" for nothing."""
    return str(NAMES.get(kind, ""))


def heading(answer: Answer) -> str:
    """How many were found by what."""
    if not answer.searched:
        return _("Nobody was looked for yet")
    number = len(answer.hits)
    if not number:
        return _("Nobody found with %(what)s") % {"what": _what(answer.query)}
    if answer.more:
        return _("More than %(number)s people with %(what)s") % {"number": MOST, "what": _what(answer.query)}
    if answer.loose:
        words = ngettext("%(number)s similar person for %(what)s", "%(number)s similar people for %(what)s", number)
    else:
        words = ngettext("%(number)s person with %(what)s", "%(number)s people with %(what)s", number)
    return words % {"number": number, "what": _what(answer.query)}


def advice(answer: Answer) -> str:
    """What is missing, or what to do next; "" where the hits speak for themselves."""
    if not answer.searched:
        missing = str(MISSING[answer.query.kind])
        again = _("If it is a code, it is not right: please have it read out once more.")
        return f"{missing} {again}" if _could_be_a_code(answer.query) else missing
    if not answer.hits:
        return str(NOBODY[answer.query.kind])
    if answer.more:
        return _("These are the first %(number)s. One more fact, please: the first name, or the postcode.") % {
            "number": MOST
        }
    if answer.loose:
        return _("Nobody has the whole name. These people have part of it and were born on that day.")
    return ""


def _could_be_a_code(query: Query) -> bool:
    """A name of letters alone that has the length of a code, with or without its check character: HEERRD."""
    letters = codes.plain(query.name)
    lengths = {length + checks for length in CODES.values() for checks in (0, 1)}
    return query.kind is Kind.NAME_ALONE and len(letters) in lengths and set(codes.ALPHABET) >= set(letters)


def _what(query: Query) -> str:
    """The question in words: “Müller” and birthday 3 February 1946."""
    born = plain_date(query.birth_date)
    if query.kind is Kind.NAME_AND_BIRTHDAY:
        return _("“%(name)s” and birthday %(born)s") % {"name": query.name, "born": born}
    if query.kind is Kind.BIRTHDAY_AND_POSTCODE:
        return _("postcode %(postcode)s and birthday %(born)s") % {"postcode": query.postcode, "born": born}
    return _("this %(kind)s") % {"kind": name(query.kind)}
