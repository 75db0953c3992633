"""A missing or wrong value is named, with its cure, and its value is never repeated."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.env import Environment

ROOT = Path(settings.BASE_DIR)
LONG = "x" * 60
OPERATORS = (
    "OPERATOR_",
    "CONTROLLER_",
    "DPO_",
    "SUPERVISORY_",
    "LEGAL_",
    "ACCESSIBILITY_",
    "REGION_",
    "HOTLINE",
    "INVITATION_",
    "LINK_HOURS",
    "RATE_",
)


@pytest.fixture
def env() -> Environment:
    return Environment()


@pytest.mark.parametrize(
    ("name", "value", "read", "words"),
    [
        ("SECRET_KEY", "", lambda e: e.secret("SECRET_KEY"), "SECRET_KEY is not set. Set it to 50 or more random"),
        ("SECRET_KEY", "short", lambda e: e.secret("SECRET_KEY"), "SECRET_KEY is too short"),
        ("ALLOWED_HOSTS", " , ", lambda e: e.listing("ALLOWED_HOSTS"), "ALLOWED_HOSTS is not set. Set it to the host"),
        ("SITE_URL", "", lambda e: e.site("SITE_URL"), "SITE_URL is not set. Set it to the address"),
        ("SITE_URL", "impftermin.de", lambda e: e.site("SITE_URL"), "SITE_URL does not begin with https:// or http://"),
        ("DATABASE_URL", "", lambda e: e.database("DATABASE_URL"), "DATABASE_URL is not set. Set it as in postgresql"),
        (
            "DATABASE_URL",
            "mysql://u:geheim@h/d",
            lambda e: e.database("DATABASE_URL"),
            "does not begin with postgresql",
        ),
        ("DATABASE_URL", "postgresql://u:geheim@h", lambda e: e.database("DATABASE_URL"), "names no database"),
        (
            "DATABASE_URL",
            "postgresql://u:geheim@h:x/d",
            lambda e: e.database("DATABASE_URL"),
            "port that is not a number",
        ),
        ("REDIS_URL", "http://geheim", lambda e: e.redis("REDIS_URL"), "does not begin with redis://"),
        ("EMAIL_URL", "smtp://", lambda e: e.email("EMAIL_URL"), "EMAIL_URL names no host"),
        ("EMAIL_URL", "geheim", lambda e: e.email("EMAIL_URL"), "does not begin with smtp://"),
        (
            "LAND",
            "Geheim",
            lambda e: e.among("LAND", ["SN", "TH"], default="SN"),
            "LAND is unknown. Set it to one of SN",
        ),
        ("SMS_URL", "geheim", lambda e: e.sms("SMS_URL", development=True), "SMS_URL does not begin with https://"),
        ("SMS_URL", "https://:geheim@", lambda e: e.sms("SMS_URL", development=True), "SMS_URL names no host"),
        ("SMS_URL", "http://:geheim@sms.example.org/", lambda e: e.sms("SMS_URL", development=True), "unencrypted"),
        ("SMS_URL", "console:", lambda e: e.sms("SMS_URL", development=False), "does not begin with https://"),
        ("DEBUG", "geheim", lambda e: e.boolean("DEBUG", default=False), "DEBUG is not true or false"),
        ("LINK_HOURS", "geheim", lambda e: e.integer("LINK_HOURS", default=1), "LINK_HOURS is not a whole number"),
        ("RATE_LIMITS", "a", lambda e: e.pairs("RATE_LIMITS"), "RATE_LIMITS has an entry without ="),
    ],
)
def test_wrong_value_is_named_with_its_cure(env, monkeypatch, name, value, read, words):
    monkeypatch.setenv(name, value)

    with pytest.raises(ImproperlyConfigured) as refused:
        read(env)

    text = str(refused.value)
    assert words in text
    assert "docs/environment.md" in text
    assert "geheim" not in text
    assert "\n" not in text


def test_secret_may_lie_in_a_file(env, monkeypatch, tmp_path):
    (tmp_path / "key").write_text(LONG + "\n")
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))

    assert env.secret("SECRET_KEY") == LONG


def test_secret_file_that_is_missing_is_named(env, monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "gone"))

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FILE names a file that cannot be read"):
        env.secret("SECRET_KEY")


def test_database_from_a_file_on_a_socket(env, monkeypatch, tmp_path):
    (tmp_path / "url").write_text("postgresql://impf:p%40ss@%2Frun%2Fpg/impftermin\n")
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))

    found = env.database("DATABASE_URL")

    assert (found["HOST"], found["USER"], found["PASSWORD"], found["NAME"]) == ("/run/pg", "impf", "p@ss", "impftermin")


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("redis://h:6379/3", "redis://h:6379/3"),
        ("rediss://:pw@h:6380/0", "rediss://:pw@h:6380/0"),
        ("unix:///run/v.sock?db=5", "redis+socket:///run/v.sock?virtual_host=5"),
    ],
)
def test_broker_address_in_celerys_spelling(env, monkeypatch, url, broker):
    monkeypatch.setenv("REDIS_URL", url)

    assert (env.redis("REDIS_URL"), env.redis("REDIS_URL", broker=True)) == (url, broker)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://h", ("h", 25, "", "", False, False)),
        ("smtp+starttls://u%40d:p@h", ("h", 587, "u@d", "p", True, False)),
        ("smtps://u:p@h:4650", ("h", 4650, "u", "p", False, True)),
    ],
)
def test_mail_server(env, monkeypatch, url, expected):
    monkeypatch.setenv("EMAIL_URL", url)

    found = env.email("EMAIL_URL")

    names = ("host", "port", "username", "password", "use_tls", "use_ssl")
    assert tuple(found[name] for name in names) == expected
    assert found["timeout"] > 0


def test_sms_gateway(env, monkeypatch):
    monkeypatch.setenv(
        "SMS_URL", "https://:geh%20eim@sms.example.org/v1/send?to=recipient&text=body&from=Impftermin&flash="
    )

    assert env.sms("SMS_URL", development=False) == {
        "host": "sms.example.org",
        "port": 443,
        "tls": True,
        "path": "/v1/send",
        "token": "geh eim",
        "names": {"to": "recipient", "text": "body", "id": "id"},
        "fields": {"from": "Impftermin", "flash": ""},
        "timeout": 20,
    }


@pytest.mark.parametrize(("url", "found"), [("", {}), ("console:", {"console": True})])
def test_no_sms_gateway_and_the_console_of_development(env, monkeypatch, url, found):
    monkeypatch.setenv("SMS_URL", url)

    assert env.sms("SMS_URL", development=True) == found


def test_an_empty_variable_means_the_default(env, monkeypatch):
    monkeypatch.setenv("EMPTY", "")

    assert env.text("EMPTY", default="a") == "a"
    assert env.integer("EMPTY", default=7) == 7
    assert env.boolean("EMPTY", default=True) is True
    assert env.pairs("EMPTY") == {}


def test_compose_passes_on_the_operators_words():
    """Everything that docs/environment.md lists for the operator can be set beside docker-compose.yml."""
    compose = (ROOT / "docker-compose.yml").read_text()
    documented = (ROOT / "docs" / "environment.md").read_text()
    words = [name for name in re.findall(r"^\| `([A-Z_]+)`", documented, re.MULTILINE) if name.startswith(OPERATORS)]

    assert len(words) > 10
    assert [name for name in words if f"{name}: ${{{name}:-}}" not in compose] == []


def test_every_variable_is_documented():
    source = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))
    documented = set(
        re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "environment.md").read_text(encoding="utf-8"), re.MULTILINE)
    )

    assert read - documented == set()
