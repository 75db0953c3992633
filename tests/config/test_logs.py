"""What reaches the log, and what must not."""

import json
import logging

import pytest
from django.db import IntegrityError

from accounts import tokens
from config import logs
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory


def logged(record):
    handler = logging.StreamHandler()
    formatter = dict(logs.configuration("INFO")["formatters"]["json"])
    handler.setFormatter(formatter.pop("()")(**formatter))
    return json.loads(handler.format(record))


def record_of(error, message="Internal Server Error: %s", *args):
    return logging.LogRecord(
        "django.request", logging.ERROR, __file__, 1, message, args, (type(error), error, error.__traceback__)
    )


def test_a_log_line_is_json_without_the_secret_of_a_link():
    line = logged(record_of(ValueError("no"), "Internal Server Error: %s", "/link/" + "a" * 43 + "/"))
    assert line["event"] == "Internal Server Error: /link/(secret)/"
    assert (line["level"], line["logger"]) == ("error", "django.request")


def test_a_log_line_is_without_the_secret_of_a_link_that_sets_a_password():
    path = "/personal/passwort/neu/1z/" + "d4k2m1-" + "0" * 32 + "/"
    line = logged(record_of(ValueError("no"), "Internal Server Error: %s", path))
    assert line["event"] == "Internal Server Error: /personal/passwort/neu/1z/(secret)/"


@pytest.mark.django_db
def test_the_secret_that_is_cut_is_the_one_that_is_sent():
    url = tokens.link(UserFactory())
    assert logged(record_of(ValueError("no"), "Internal Server Error: %s", url))["event"].endswith("/(secret)/")


def test_another_hosts_name_is_answered_and_no_news(client):
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400
    assert not logging.getLogger("django.security.DisallowedHost").isEnabledFor(logging.ERROR)


@pytest.mark.django_db
def test_a_database_error_is_logged_without_the_row():
    person = {"last_name": "", "first_name": "Geheim", "street": "Verborgene Gasse 7"}
    with pytest.raises(IntegrityError) as caught:
        RegistrationFactory(**person)
    line = logged(record_of(caught.value))
    assert "registration_has_a_name" in line["exception"]
    assert "Traceback" in line["exception"]
    assert "Geheim" not in json.dumps(line)
    assert "Verborgene" not in json.dumps(line)
