"""What was entered last at a center on a day, so that nobody types it again for every person."""

from dataclasses import dataclass
from datetime import date

from booking.models import Vaccination


@dataclass(frozen=True, slots=True)
class Remembered:
    """Newest first: (vaccine code, batch number, who answers for it)."""

    entries: tuple[tuple[str, str, str], ...]

    @property
    def batch_numbers(self) -> list[str]:
        return list(dict.fromkeys(batch for _vaccine, batch, _who in self.entries))

    @property
    def physicians(self) -> list[str]:
        return list(dict.fromkeys(who for _vaccine, _batch, who in self.entries))

    def last(self, vaccine_code: str) -> dict[str, str]:
        """The batch number of the last dose of this vaccine, and who answered for the last dose of all."""
        batch = next((number for vaccine, number, _who in self.entries if vaccine == vaccine_code), "")
        return {"batch_number": batch, "responsible": self.entries[0][2] if self.entries else ""}


def of_day(center_id: int, day: date) -> Remembered:
    """One query; a handful of rows, whatever the number of doses."""
    doses = Vaccination.objects.filter(
        appointment__slot__session__center=center_id, appointment__slot__session__date=day
    )
    newest = doses.order_by("-entered_at", "-pk").values_list("vaccine_id", "batch_number", "responsible")
    return Remembered(tuple(dict.fromkeys(newest[:200])))
