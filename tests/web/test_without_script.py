"""Forms reach the server from a browser without JavaScript: cookie, token and origin are as the browser sends them."""

import pytest
from playwright.sync_api import Browser, Page

from tests.factories.demand import OpeningFactory, RegulationFactory


@pytest.fixture
def plain_page(browser: Browser, transactional_db, live_server) -> Page:
    RegulationFactory()
    OpeningFactory()
    with browser.new_context(java_script_enabled=False, locale="de-DE", base_url=live_server.url) as context:
        yield context.new_page()


def test_form_is_accepted_without_script(plain_page):
    plain_page.goto("/pruefen/")
    for part, value in (("day", "2"), ("month", "5"), ("year", "1968")):
        plain_page.fill(f"[name=birth_date_{part}]", value)
    plain_page.get_by_role("button", name="Weiter").click()

    assert plain_page.locator("h1").inner_text() == "Was trifft auf Sie zu?"


def test_answers_survive_the_way_back_without_script(plain_page):
    test_form_is_accepted_without_script(plain_page)
    plain_page.get_by_role("button", name="Zurück: Geburtsdatum").click()

    assert plain_page.input_value("[name=birth_date_year]") == "1968"


def test_link_is_opened_and_asked_for_without_script(plain_page):
    plain_page.goto(f"/link/{'A' * 43}/")
    assert plain_page.url.endswith("/link/")
    for part, value in (("day", "2"), ("month", "5"), ("year", "1968")):
        plain_page.fill(f"[name=birth_date_{part}]", value)
    plain_page.get_by_role("button", name="Meine Seite öffnen").click()

    assert "Link oder Code und Geburtsdatum passen nicht zusammen" in plain_page.locator("main").inner_text()


def test_code_of_a_letter_is_typed_without_script(plain_page):
    plain_page.goto("/")
    plain_page.get_by_role("link", name="Code aus dem Brief eingeben").first.click()
    plain_page.get_by_label("Ihr Code").fill("7h4k 2mxp 9rdw 2")
    plain_page.get_by_role("button", name="Mit dem Code weiter").click()
    assert "Eines der Zeichen stimmt nicht" in plain_page.locator("main").inner_text()

    plain_page.get_by_label("Ihr Code").fill("7h4k 2mxp 9rdw z")
    plain_page.get_by_role("button", name="Mit dem Code weiter").click()

    assert plain_page.locator("h1").inner_text() == "Wann sind Sie geboren?"
