"""What is done with letters and batches; afterwards the page of the print queue says what came of it."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.refusals import Refused
from booking import clock
from booking.models import Registration
from notifications import outbox, posting, printing
from notifications.models import Message, PrintBatch
from web.access import user_of
from web.callcenter.letters.forms import REASONS, AgainForm, PrintedForm, ReturnedForm
from web.callcenter.letters.page import SAID, Typed, shown


@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Batches of what waits, before the hour; the call lead's."""
    made = printing.make_now(by=user_of(request), now=timezone.now())
    words = ngettext("%(letters)s letter is in a batch now.", "%(letters)s letters are in batches now.", made.letters)
    text = words % {"letters": made.letters} if made.letters else _("No letter had to be printed.")
    more = _("Others still wait: please press the button once more.") if made.left else ""
    return _back(request, f"{text} {more}".strip())


@require_safe
def pdf(request: HttpRequest, batch: UUID) -> HttpResponse:
    """The letters of a batch, to print them; who took them is on record."""
    found = _batch(batch)
    try:
        found = printing.read(batch=batch, by=user_of(request), now=timezone.now())
    except Refused as refusal:
        return _back(request, str(refusal))
    answer = HttpResponse(bytes(found.content or b""), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{_name(found)}"'
    return answer


@require_POST
def printed(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Printed, and on which day it goes to the post."""
    now = timezone.now()
    found = _batch(batch)
    form = PrintedForm(request.POST, batch=batch, proposed=posting.post_day(clock.local_day(now)))
    if form.is_valid():
        try:
            printing.printed(batch=batch, posted_on=form.cleaned_data["posted_on"], by=user_of(request), now=now)
        except Refused as refusal:
            if refusal.code != "posted_on":
                return _back(request, str(refusal))
            form.add_error("posted_on", str(refusal))
        else:
            sent = found.messages.filter(state=Message.State.SENT).count()  # a damaged one lies in another batch
            words = ngettext("%(letters)s letter counts as sent.", "%(letters)s letters count as sent.", sent)
            return _back(request, words % {"letters": sent})
    return shown(request, Typed(form, batch), now=now)


@require_POST
def failed(request: HttpRequest, batch: UUID) -> HttpResponse:
    """It did not come out of the printer: a worker makes the same letters once more."""
    _batch(batch)
    try:
        printing.failed(batch=batch, by=user_of(request), now=timezone.now())
    except Refused as refusal:
        return _back(request, str(refusal))
    return _back(request, _("The batch is being made anew. Please destroy the old paper, and print the new one."))


@require_POST
def again(request: HttpRequest, batch: UUID) -> HttpResponse:
    """One letter of a batch is damaged."""
    now = timezone.now()
    _batch(batch)
    form = AgainForm(request.POST, batch=batch)
    if form.is_valid():
        number = form.cleaned_data["case_number"]
        try:
            new = printing.again(batch=batch, case_number=number, subject=_person(number), by=user_of(request), now=now)
        except Refused as refusal:
            form.add_error("case_number", str(refusal))
        else:
            return _back(request, _anew(new))
    return shown(request, Typed(form, batch), now=now)


@require_POST
def returned(request: HttpRequest) -> HttpResponse:
    """A letter came back: it has not reached her, and her page says so."""
    now = timezone.now()
    form = ReturnedForm(request.POST)
    if form.is_valid():
        number = form.cleaned_data["case_number"]
        reason = _reason(form.cleaned_data["reason"])
        try:
            printing.returned(case_number=number, reason=reason, subject=_person(number), by=user_of(request), now=now)
        except Refused as refusal:
            form.add_error("case_number", str(refusal))
        else:
            return _back(request, _("Noted. Please find the person now and ask her for the right address."))
    return shown(request, Typed(form), now=now)


def _anew(new: PrintBatch | None) -> str:
    if new is None:
        return _("Nothing has to be printed again: the letters are no longer true.")
    words = ngettext(
        "A new batch with %(letters)s letter is ready to be printed.",
        "A new batch with %(letters)s letters is ready to be printed.",
        new.letters,
    )
    return words % {"letters": new.letters}


def _reason(code: str) -> str:
    """It stands with the message, in the language of the house."""
    with translation.override(settings.LANGUAGE_CODE):
        return _("came back: %(reason)s") % {"reason": dict(REASONS)[code]}


def _person(case_number: str) -> UUID | None:
    """For the trail."""
    return Registration.objects.filter(case_number=case_number).values_list("public_id", flat=True).first()


def _batch(public_id: UUID) -> PrintBatch:
    found = PrintBatch.objects.defer("content").filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def _name(batch: PrintBatch) -> str:
    """briefe-14627-2021-02-16-1500.pdf: two batches in one folder are told apart."""
    district = batch.lane.removeprefix(outbox.LETTERS) or "ohne-kreis"
    return f"briefe-{district}-{timezone.localtime(batch.made_at):%Y-%m-%d-%H%M}.pdf"


def _back(request: HttpRequest, said: str) -> HttpResponse:
    request.session[SAID] = said
    return redirect("callcenter:letters")
