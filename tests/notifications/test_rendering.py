from email import message_from_bytes, policy

import pytest
from django.utils import translation

from notifications import delivery, rendering
from notifications.templatetags.mail import tidy
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_headers(post, settings):
    settings.DEFAULT_FROM_EMAIL = "Impftermin <impftermin@sachsen.example>"
    settings.REPLY_TO = "hilfe@sachsen.example"
    message = post("i.richter@gmx.de")

    mail = message_from_bytes(delivery.compose(message, now=NOW).message().as_bytes(), policy=policy.default)

    assert mail["Message-ID"] == f"<{message.public_id}@sachsen.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "Impftermin <impftermin@sachsen.example>"
    assert mail["Reply-To"] == "hilfe@sachsen.example"
    assert mail["To"] == "i.richter@gmx.de"
    assert mail["Content-Language"] == "de"
    assert mail["Date"] == "Tue, 16 Feb 2021 09:00:00 +0000"
    assert mail["Cc"] is None
    assert mail["List-Unsubscribe"] is None
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]


def test_message_id_is_the_same_at_every_try(post):
    message = post("i.richter@gmx.de")

    tries = [delivery.compose(message, now=NOW).message()["Message-ID"] for _try in range(2)]

    assert tries[0] == tries[1]


def test_no_reply_to_unless_the_operator_wants_one(post, settings):
    settings.REPLY_TO = ""

    assert delivery.compose(post("a@gmx.de"), now=NOW).message()["Reply-To"] is None


@pytest.mark.parametrize("outside", ["de", "en"])
@pytest.mark.parametrize(("language", "greeting"), [("de", "Guten Tag Ingeborg Richter,"), ("en", "Hello Ingeborg")])
def test_the_language_is_the_message_s_and_not_the_process_s(post, outside, language, greeting):
    message = post("a@gmx.de", language=language)

    with translation.override(outside):
        mail = delivery.compose(message, now=NOW)

    assert greeting in mail.body


def test_html_loads_nothing_and_runs_nothing(post):
    html = delivery.compose(post("a@gmx.de"), now=NOW).alternatives[0].content

    for forbidden in ("<img", "<script", "<link", "@import", "url(", "src="):
        assert forbidden not in html
    assert "prefers-color-scheme: dark" in html


def test_plain_text_and_html_say_the_same():
    words = rendering.letter(
        "invited",
        language="de",
        context={"name": "A & B", "case_number": "K7P", "link": "https://x.example/link/1/", "valid_until": "morgen"},
    )

    assert "Guten Tag A & B," in words.text
    assert "Guten Tag A &amp; B," in words.html
    assert "Termine wählen:\nhttps://x.example/link/1/\n" in words.text
    assert '<a class="button" href="https://x.example/link/1/">Termine wählen</a>' in words.html
    assert "<" not in words.text


def test_tidy_keeps_one_empty_line_between_blocks():
    assert tidy("\n\n  \na  \n\n\n \nb\u00a0c\n\n") == "a\n\nb c\n"
