"""The clock is the center's, wherever the browser stands."""

from django.utils import timezone

from booking.services import appointments
from centers.models import Channel, Slot
from tests.journeys import world


def test_three_browsers_in_three_zones_show_the_same_times(walker, house):
    person = world.confirmed(now=timezone.now())
    slot = Slot.objects.filter(center__slug="pirna", starts_at__gt=timezone.now()).order_by("starts_at")[30]
    appointments.book(registration=person, slot_id=slot.pk, channel=Channel.WEB, by=None, now=timezone.now())
    shown = {}
    for zone in ("Europe/Berlin", "America/New_York", "Asia/Tokyo"):
        walk = walker(zone=zone)
        walk.enter(world.new_link(house.site, person, now=timezone.now()))
        walk.arrive("my appointments", name=person.full_name)
        seen = [walk.appointments()]
        walk.page.goto(f"{house.site}/mein-termin/verschieben/")
        for name in ("Pirna", None):
            rows = walk.page.locator("main ol.rows")
            seen.append(rows.all_inner_texts())
            (rows.get_by_role("link", name=name) if name else rows.locator("a").first).click()
            walk.page.locator(f"main {'.row--day' if name else '.choice__time'}").first.wait_for()
        seen.append(walk.page.locator("main .choice__time").all_text_contents())
        shown[zone] = seen

    assert shown["America/New_York"] == shown["Europe/Berlin"] == shown["Asia/Tokyo"]
    assert shown["Asia/Tokyo"][-1][0].startswith("8:")
    assert shown["Asia/Tokyo"][0][0].endswith("15:30 Uhr")  # the thirtieth quarter of an hour after 8
