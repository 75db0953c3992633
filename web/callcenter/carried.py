"""What is known of a new person from the search that did not find her, in the words of the draft of a call."""

from datetime import date

from booking import search
from booking.search import Kind, Query


def known(text: str, *, today: date) -> dict[str, str]:
    """first_name, last_name, birth_date (03.02.1946), postcode, phone and email, as far as they were typed."""
    query = search.parse(text, today=today)
    first, last = _names(query, text)
    found = {
        "first_name": first,
        "last_name": last,
        "birth_date": f"{query.birth_date:%d.%m.%Y}" if query.birth_date else "",
        "postcode": query.postcode,
        "phone": query.key if query.kind is Kind.PHONE else "",
        "email": query.key if query.kind is Kind.EMAIL else "",
    }
    return {name: value for name, value in found.items() if value}


def _names(query: Query, text: str) -> tuple[str, str]:
    """ "Mueller, Ursula" says which is which; else the last name comes last, as it is said."""
    words = query.name.split()
    last = text.partition(",")[0].split() if "," in text else []
    if words and last and words[: len(last)] == last:
        return " ".join(words[len(last) :]), " ".join(last)
    return " ".join(words[:-1]), "".join(words[-1:])
