"""Who works where: the roles at centers count in these centers, and nowhere else."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts import audit
from accounts.models import User
from centers.models import Center, Workplace


@transaction.atomic
def assign(*, user: User, centers: Collection[Center], by: User | None, now: datetime) -> None:
    """Let `user` work in exactly these centers, from the next click on; one event per center gained or lost."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    have = {place.center_id: place.center for place in Workplace.objects.filter(user=user).select_related("center")}
    wanted = {center.pk: center for center in centers}
    lost, gained = have.keys() - wanted.keys(), wanted.keys() - have.keys()
    Workplace.objects.filter(user=user, center__in=lost).delete()
    Workplace.objects.bulk_create(Workplace(user=user, center=wanted[pk]) for pk in sorted(gained))
    for action, keys, known in (("account.center_left", lost, have), ("account.center_joined", gained, wanted)):
        for pk in sorted(keys):
            audit.record(action, subject=user.public_id, by=by, now=now, details={"center": known[pk].slug})
