"""What a page may say of a deed whose second half the database gave up: never "nothing" where something is saved."""

from collections.abc import Callable

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from booking.models import Registration
from tests.factories.people import RegistrationFactory
from web.saved import FUNCTIONS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]
NOTHING, PERHAPS = "Es wurde nichts gespeichert", "ein Teil davon kann schon gespeichert sein"


def rename() -> None:
    Registration.objects.update(town="Riesa")


def waits() -> None:
    """Longer than a statement may take."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(20)")


def only_reads() -> None:
    with transaction.atomic():
        list(Registration.objects.select_for_update())


def is_undone() -> None:
    with transaction.atomic():
        rename()
        waits()


def is_undone_inside() -> None:
    with transaction.atomic():
        list(Registration.objects.all())
        try:
            with transaction.atomic():
                rename()
                raise ValueError
        except ValueError:
            pass


def is_done() -> None:
    with transaction.atomic():
        rename()


def is_done_after_a_part_was_undone() -> None:
    with transaction.atomic():
        try:
            with transaction.atomic():
                rename()
                raise ValueError
        except ValueError:
            rename()


def is_done_by_one_statement() -> None:
    rename()


DEEDS: list[Callable[[], None]] = [
    only_reads, is_undone, is_undone_inside, is_done, is_done_after_a_part_was_undone, is_done_by_one_statement,
]  # fmt: skip


@login_not_required
def view(request: HttpRequest) -> HttpResponse:
    """Do what is asked for; then comes a second half for which there is no time."""
    {one.__name__: one for one in DEEDS}[request.POST["was"]]()
    waits()
    raise AssertionError


urlpatterns = [path("tat/", view, name="healthz"), path("", include("config.urls"))]
handler500 = "web.errors.server_error"


@pytest.fixture(autouse=True)
def _short_statements() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 150")
    yield
    connection.close()


@pytest.mark.parametrize("deed", DEEDS)
def test_the_page_says_nothing_was_saved_exactly_when_it_is_so(deed):
    RegistrationFactory(town="Pirna")

    answer = Client(raise_request_exception=False).post("/tat/", {"was": deed.__name__})
    page = answer.content.decode()

    saved = Registration.objects.filter(town="Riesa").exists()
    assert answer.status_code == 503
    assert (NOTHING in page, PERHAPS in page) == (not saved, saved)
    assert f'name="was" value="{deed.__name__}"' in page


def test_every_function_of_the_database_that_changes_something_is_known():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND provolatile = 'v' "
            "AND prorettype <> 'trigger'::regtype"
        )
        names = {name for (name,) in cursor.fetchall()}

    assert names == set(FUNCTIONS)
