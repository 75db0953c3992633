"""Who wants to come together: a household is its people, and nothing else."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking import numbered
from booking.models import Household, Registration

AT_MOST = 5


@transaction.atomic
def join(*, registration: Registration, case_number: str, by: User, now: datetime) -> Household:
    """Let the person with this case number come together with this one.

    Whoever has a household brings all of it; more than AT_MOST people are refused. Twice is harmless.
    """
    other = numbered.find(case_number)
    mine, theirs = _locked(registration.pk, other.pk)
    if mine.withdrawn_at is not None or theirs.withdrawn_at is not None:
        raise Refused("withdrawn", _("This registration has been ended."))
    if mine.pk == theirs.pk:
        raise Refused("herself", _("This is the case number of the person herself."))
    household = mine.household or theirs.household or Household.objects.create(public_id=uuid.uuid4(), created_at=now)
    if mine.household_id == theirs.household_id == household.pk:
        return household
    Household.objects.select_for_update(of=("self",), no_key=True).get(pk=household.pk)  # who counts, counts alone
    moving = [one for one in _all_of(mine, theirs) if one.household_id != household.pk]
    if household.people.filter(withdrawn_at__isnull=True).count() + len(moving) > AT_MOST:
        text = _("A household has at most %(most)s people. Please book the others on their own.")
        raise Refused("too_many", text % {"most": AT_MOST})
    left = {one.household_id for one in moving if one.household_id}
    Registration.objects.filter(pk__in=[one.pk for one in moving]).update(household=household)
    _tidy(left)
    for one in (mine, theirs):
        audit.record("registration.joined", subject=one.public_id, by=by, now=now)
    return household


@transaction.atomic
def leave(*, registration: Registration, other: uuid.UUID, by: User, now: datetime) -> None:
    """Take the other one out of the household of this person. Twice is harmless."""
    theirs = registration.household.people.filter(public_id=other).first() if registration.household else None
    if theirs is None:
        return
    _mine, theirs = _locked(registration.pk, theirs.pk)
    household = theirs.household_id
    theirs.household = None
    theirs.save(update_fields=["household"])
    if household is not None:
        _tidy({household})
    audit.record("registration.left", subject=theirs.public_id, by=by, now=now)


def _locked(*pks: int) -> list[Registration]:
    """The rows, taken in the order of their pks and given back in the order asked for."""
    rows = Registration.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks).order_by("pk")
    found = {one.pk: one for one in rows.select_related("household")}
    return [found[pk] for pk in pks]


def _all_of(*people: Registration) -> list[Registration]:
    """These and everybody of their households, each once."""
    households = [one.household_id for one in people if one.household_id]
    members = Registration.objects.filter(household__in=households, withdrawn_at__isnull=True)
    return list({one.pk: one for one in (*people, *members)}.values())


def _tidy(households: set[int]) -> None:
    """One person alone is no household."""
    for household in Household.objects.filter(pk__in=households):
        if household.people.count() < 2:
            household.people.update(household=None)
            household.delete()
