"""The project's addresses and the trivial view: the same middleware, the same form token, and nothing else."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from web import access


@login_not_required
def trivial(request: HttpRequest) -> HttpResponse:
    """Two letters."""
    return HttpResponse("ok")


access.TABLE = {**access.TABLE, "trivial": access.ANYBODY}  # what is not in the table is closed
urlpatterns = [path("trivial/", trivial, name="trivial"), path("", include("config.urls"))]
