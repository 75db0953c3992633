"""All addresses. Public paths are German, short and speakable (design.md §6)."""

from django.urls import include, path

from config import health

urlpatterns = [
    path("", include("web.public.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("zentrum/", include("web.centeradmin.urls")),
    path("telefon/", include("web.callcenter.urls")),
    path("personal/", include("web.staff.login_urls")),
    path("personal/", include("web.staff.urls")),
    path("", include("web.mailbox_urls")),
]

handler400 = "web.errors.bad_request"
handler403 = "web.errors.permission_denied"
handler404 = "web.errors.page_not_found"
handler429 = "web.errors.too_many_tries"  # asked for by allauth
handler500 = "web.errors.server_error"
