"""Addresses of one person's pages."""

from django.urls import path

from web.callcenter.person import (
    booking,
    contact,
    deeds,
    end,
    history,
    household,
    merge,
    moving,
    page,
    second,
    together,
)

AT = "person/<uuid:person>/"
PATHS = [
    path(AT, page.person, name="find_person"),
    path(f"{AT}bestaetigen/", deeds.confirm, name="find_person_confirm"),
    path(f"{AT}einladung/", deeds.renew, name="find_person_renew"),
    path(f"{AT}link/", deeds.link, name="find_person_link"),
    path(f"{AT}nachricht/", deeds.send, name="find_person_send"),
    path(f"{AT}notiz/", deeds.note, name="find_person_note"),
    path(f"{AT}kontakt/", contact.contact, name="find_person_contact"),
    path(f"{AT}haushalt/", household.household, name="find_person_household"),
    path(f"{AT}verlauf/", history.history, name="find_person_history"),
    path(f"{AT}buchen/", booking.book, name="find_person_book"),
    path(f"{AT}gemeinsam/", together.book, name="find_person_together"),
    path(f"{AT}gemeinsam/gebucht/", together.booked, name="find_person_together_booked"),
    path(f"{AT}zweite-impfung/", second.second, name="find_person_second"),
    path(f"{AT}verschieben/", moving.both, name="find_person_move_both"),
    path(f"{AT}verschieben/<int:dose>/", moving.one_dose, name="find_person_move"),
    path(f"{AT}beenden/", end.end, name="find_person_end"),
    path(f"{AT}zusammenfuehren/", merge.merge, name="find_person_merge"),
]
