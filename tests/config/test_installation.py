"""What docker-compose.yml and the proxy's configuration promise, where a mistake would be found by people only."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
import yaml

from devkit.paths import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if str(service["image"]).startswith("impftermin")]
NGINX = (ROOT / "deploy" / "nginx" / "impftermin.conf").read_text(encoding="utf-8")
ERRORS = ROOT / "deploy" / "nginx" / "errors"
# What settings read, and an installation for people does not set; docs/environment.md, "For developers".
DEVELOPERS = {"DEBUG", "DEMO", "DEMO_MAILBOX", "STATIC_FROM_SOURCE"}


def read_by_settings() -> set[str]:
    text = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    return set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', text))


def blocks(words: str) -> list[str]:
    """The bodies of the configuration's blocks that begin with `words`, as far as the line with their closing brace."""
    return re.findall(rf"^( *){re.escape(words)} \{{\n(.*?)^\1\}}", NGINX, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", OURS)
def test_every_variable_that_the_settings_read_can_be_set(name):
    given = {key.removesuffix("_FILE") for key in SERVICES[name]["environment"]}

    assert {"SMS_URL", "LAND", "SECRET_KEY"} <= read_by_settings()
    assert read_by_settings() - given == DEVELOPERS
    assert given <= read_by_settings()


@pytest.mark.parametrize("name", OURS)
def test_every_secret_that_is_named_is_there_and_described(name):
    service = SERVICES[name]
    files = [value for key, value in service["environment"].items() if key.endswith("_FILE")]
    described = (ROOT / "deploy" / "secrets" / "README.md").read_text(encoding="utf-8")

    assert sorted(path.rpartition("/")[2] for path in files) == sorted(service["secrets"])
    assert [secret for secret in COMPOSE["secrets"] if f"`{secret}`" not in described] == []


@pytest.mark.parametrize("name", SERVICES)
def test_no_log_fills_the_disk(name):
    assert SERVICES[name]["logging"]["options"] == {"max-size": "20m", "max-file": "5"}


def test_a_web_process_that_dies_takes_nobody_along():
    [command] = re.findall(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)

    assert "--respawn-failed-workers" in json.loads(command)


def test_postgresql_counts_as_there_when_others_can_reach_it():
    assert "-h 127.0.0.1" in SERVICES["postgres"]["healthcheck"]["test"][1]


def test_visitors_reach_the_proxy_with_their_own_address():
    assert all(port.startswith("0.0.0.0:") for port in SERVICES["proxy"]["ports"])


def test_no_server_of_the_proxy_writes_down_who_came_or_where():
    servers = [body for _indent, body in blocks("server")]
    [line] = re.findall(r"^log_format (.*;)$", NGINX, re.MULTILINE)

    assert len(servers) == 2
    assert all("    access_log /var/log/nginx/access.log quiet;\n" in body for body in servers)
    assert set(re.findall(r"\$(\w+)", line)) == {
        "time_iso8601", "request_method", "status", "upstream_status", "request_time", "body_bytes_sent",
    }  # fmt: skip
    assert re.findall(r"^ *error_log (.*);$", NGINX, re.MULTILINE) == ["/var/log/nginx/error.log emerg"]


def test_the_proxys_errors_have_pages_that_are_there():
    named = set(re.findall(r"/_errors/([\w-]+\.html)", NGINX))
    mounts = [volume.split(":") for volume in SERVICES["proxy"]["volumes"]]
    [(_indent, body)] = blocks("location ^~ /_errors/")
    codes = {code for line in re.findall(r"error_page ([\d ]+)", NGINX) for code in line.split()}

    assert named == {path.name for path in ERRORS.iterdir()}
    assert ["./deploy/nginx/errors", "/usr/share/nginx/impftermin/_errors", "ro"] in mounts
    assert "root /usr/share/nginx/impftermin;" in body
    assert "client_max_body_size 0;" in body
    assert {"400", "404", "413", "414", "494", "500", "502", "503", "504"} <= codes


@pytest.mark.parametrize("path", sorted(ERRORS.glob("*.html")), ids=lambda path: path.name)
def test_a_page_of_the_proxy_stands_alone(path: Path):
    text = path.read_text(encoding="utf-8")
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in styles]

    assert all(f"style-src 'sha256-{found}'" in NGINX for found in hashes)
    assert re.findall(r"https?:|//|<script|<link|<img|\bsrc=|url\(|style=", text) == []
    assert re.findall(r'href="([^"]*)"', text) in ([], ["/"])
    assert "Bitte" in text or "Es wurde nichts gespeichert" in text
    if styles:
        assert '<html lang="de">' in text
        assert text.count("<h1>") == 1
        assert 'lang="en"' in text


def test_the_pooler_asks_a_restarted_postgresql_at_once():
    assert "\nserver_login_retry = 1\n" in (ROOT / "deploy" / "pgbouncer" / "pgbouncer.ini").read_text(encoding="utf-8")
