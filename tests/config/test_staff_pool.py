"""The installation gives the staff processes and connections of their own, and sends every page of theirs there."""

import configparser
import re
from collections.abc import Iterator

import yaml
from django.urls import URLResolver, get_resolver

from devkit.paths import ROOT
from web.access import ON_EVERY_HOST, TABLE, of_staff

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
NGINX = (ROOT / "deploy" / "nginx" / "impftermin.conf").read_text(encoding="utf-8")


def routes(resolver: URLResolver, name: str = "", begins: str = "/") -> Iterator[tuple[str, str]]:
    """(full name, address with its placeholders) of every page."""
    for one in resolver.url_patterns:
        here = begins + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one, f"{name}{one.namespace}:" if one.namespace else name, here)
        else:
            yield f"{name}{one.name}", here


def test_every_page_of_the_staff_and_no_other_goes_to_the_staffs_processes():
    (place,) = re.findall(r"location ~ (\S+) \{\s+proxy_pass http://staff;", NGINX)
    found = {name: bool(re.match(place, address)) for name, address in routes(get_resolver())}

    assert set(found) == set(TABLE)
    assert [name for name in found if name not in ON_EVERY_HOST and found[name] != of_staff(name)] == []


def test_the_staffs_processes_have_connections_of_their_own():
    pools = configparser.ConfigParser(comment_prefixes=(";",), interpolation=None)
    pools.read(ROOT / "deploy" / "pgbouncer" / "pgbouncer.ini")
    web, staff = (COMPOSE["services"][name] for name in ("web", "web-staff"))

    assert staff["environment"]["DATABASE_URL_FILE"] == "/run/secrets/database_url_staff"
    assert "database_url_staff" in staff["secrets"]
    assert not {"database_url", "database_url_direct"} & set(staff["secrets"])
    assert pools["databases"]["impftermin_staff"].startswith(pools["databases"]["impftermin"])
    assert set(web["environment"]) == set(staff["environment"])
    assert "server web-staff:8000" in NGINX
