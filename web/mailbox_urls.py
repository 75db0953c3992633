from django.urls import path

from web import mailbox

app_name = "mailbox"
urlpatterns = [path("postfach/", mailbox.mailbox, name="mailbox")]
