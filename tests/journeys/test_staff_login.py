"""From the invitation to the first working day, in a real browser: mail, password, second factor; and a passkey."""

import re
import time

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import AuditEvent, User
from accounts.roles import Role
from tests.journeys.staff import SLUG, sign_in, staff_world
from tests.journeys.walk import Walk

PASSWORD = "Streuselkuchen mit Kirschen"


def code_of(secret: str) -> str:
    """What the app on the telephone shows."""
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_invited_by_an_administrator_to_the_first_page_of_work(walker, house, scripts):
    world = staff_world(timezone.now())
    email = f"nina-{scripts}@example.org".lower()
    _invite(walker(axe=scripts), world.users[Role.ADMINISTRATOR], email)

    mail = house.mail(email, "Ihr Konto für Impftermin")
    link = re.search(rf"{house.site}/personal/passwort/neu/\S+", mail.text)[0]
    walk = walker(axe=scripts, scripts=scripts, width=360)
    _set_password(walk, link)
    _log_in(walk, email)
    _set_up_app(walk)

    walk.press("Gesichert, weiter zu meiner Arbeit")
    expect(walk.page.locator(".bar__who")).to_contain_text("Nina Neumann")
    user = User.objects.get(email=email)
    assert list(AuditEvent.objects.filter(subject=user.public_id).order_by("pk").values_list("action", flat=True)) == [
        "account.invited", "account.center_joined", "account.password_set", "account.logged_in",
        "account.factor_added", "account.factor_added",
    ]  # fmt: skip
    walk.page.get_by_role("button", name="Abmelden").click()
    walk.sees("Anmelden")
    _log_in_again(walk, email)


def _invite(walk: Walk, administrator: User, email: str) -> None:
    sign_in(walk, administrator)
    walk.page.goto(f"{walk.house.site}/personal/")
    walk.sees("Konten")
    walk.press("Person einladen")
    walk.sees("Person einladen")
    for label, value in (("Vorname", "Nina"), ("Nachname", "Neumann"), ("E-Mail-Adresse", email)):
        walk.page.get_by_label(label, exact=True).fill(value)
    walk.page.get_by_label("Zentrumsleitung", exact=True).check()
    walk.page.locator(f"input[name=centers][value={SLUG}]").check()
    walk.press("Konto anlegen und Einladung senden")
    walk.sees("Nina Neumann")
    walk.reads("Die Einladung ist unterwegs")


def _set_password(walk: Walk, link: str) -> None:
    walk.page.goto(link)
    walk.sees("Passwort setzen")
    assert walk.page.url.endswith("/set-password/")
    walk.page.get_by_label("Neues Passwort", exact=True).fill(PASSWORD)
    walk.page.get_by_label("Neues Passwort noch einmal").fill(PASSWORD)
    walk.press("Passwort setzen")
    walk.sees("Das Passwort ist gesetzt")
    walk.press("Zur Anmeldung")


def _log_in(walk: Walk, email: str) -> None:
    walk.sees("Anmelden")
    walk.page.get_by_label("Benutzername oder E-Mail-Adresse").fill(email)
    walk.page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    walk.press("Anmelden")


def _set_up_app(walk: Walk) -> None:
    walk.sees("Zweiter Faktor")
    walk.page.goto(f"{walk.house.site}/zentrum/")  # nothing else opens before
    walk.sees("Zweiter Faktor")
    walk.press("App einrichten")
    walk.sees("Authenticator-App einrichten")
    expect(walk.page.get_by_role("img", name="QR-Code für die Authenticator-App")).to_be_visible()
    walk.page.get_by_label("Code aus der App").fill(code_of(walk.page.locator(".key").inner_text()))
    walk.press("App einrichten")
    walk.sees("Ersatzcodes")
    expect(walk.page.locator(".codes li")).to_have_count(10)


def _log_in_again(walk: Walk, email: str) -> None:
    """With the second step this time; a recovery code does when the telephone is not at hand."""
    _log_in(walk, email)
    walk.sees("Zweiter Schritt der Anmeldung")
    walk.page.get_by_label("Code", exact=True).fill("123")
    walk.press("Anmelden")
    walk.reads("Dieser Code stimmt nicht")
    user = User.objects.get(email=email)
    code = user.authenticator_set.get(type="recovery_codes").wrap().get_unused_codes()[0]
    walk.page.get_by_label("Code", exact=True).fill(code)
    walk.press("Anmelden")
    expect(walk.page.locator(".bar__who")).to_contain_text("Nina Neumann")


PAGES = {
    "home": "?konto", "password": "passwort/", "second factor": "zweiter-faktor/", "app": "zweiter-faktor/app/",
    "passkeys": "zweiter-faktor/passkeys/", "new passkey": "zweiter-faktor/passkeys/neu/",
    "new codes": "zweiter-faktor/codes/neu/", "confirm": "bestaetigen/", "accounts": "konten/",
    "invite": "konten/einladen/", "audit": "protokoll/", "question": "protokoll/?was=account.",
    "wrong": "protokoll/?wer=x", "logout": "abmelden/", "gone": "gibt-es-nicht/",
}  # fmt: skip
ENTRANCES = {
    "login": "anmelden/", "forgotten": "passwort/vergessen/", "sent": "passwort/vergessen/gesendet/",
    "set": "passwort/neu/fertig/", "void": "passwort/neu/1/x-y/",
}  # fmt: skip


@pytest.mark.parametrize(("language", "width"), [("de", 320), ("en", 1200)])
def test_every_page_of_the_staffs_own_rooms_is_accessible_and_fits(walker, house, language, width):
    users = staff_world(timezone.now()).users
    walk = walker(axe=True, language=language, width=width)
    for name, path in ENTRANCES.items():
        walk.page.goto(f"{house.site}/personal/{path}")
        walk.watch.look(name)
    users[Role.ADMINISTRATOR].set_password(PASSWORD)
    users[Role.ADMINISTRATOR].roles = [Role.ADMINISTRATOR, Role.AUDITOR]
    users[Role.ADMINISTRATOR].save()
    sign_in(walk, users[Role.ADMINISTRATOR])
    for name, path in PAGES.items():
        walk.page.goto(f"{house.site}/personal/{path}")
        walk.watch.look(name)
    assert set(walk.watch.seen) == {*PAGES, *ENTRANCES}


# --- A passkey -----------------------------------------------------------------------------------


def test_a_passkey_is_set_up_and_takes_the_place_of_the_code(walker, house):
    user = staff_world(timezone.now()).users[Role.AUDITOR]
    user.set_password(PASSWORD)
    user.save()
    walk = walker(axe=True)
    _give_authenticator(walk.page)
    site = house.site.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, never to a number
    walk.watch.site = site
    walk.page.goto(f"{site}/personal/anmelden/")
    _log_in(walk, user.username)
    walk.sees("Zweiter Faktor")
    walk.press("Passkey hinzufügen")
    walk.sees("Passkey hinzufügen")
    walk.press("Passkey hinzufügen")
    walk.sees("Ersatzcodes")
    walk.page.get_by_role("button", name="Abmelden").click()
    _log_in(walk, user.username)
    walk.sees("Zweiter Schritt der Anmeldung")
    walk.press("Mit Passkey anmelden")
    walk.sees("Protokoll")


def _give_authenticator(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True,
                     "isUserVerified": True, "automaticPresenceSimulation": True}},
    )  # fmt: skip
