"""The one way in which a booking service says no."""

from collections.abc import Sequence


class Refused(Exception):
    """Nothing was changed. `str(refusal)` is written for the person; `code` is for programs (API type)."""

    def __init__(self, code: str, text: str, *, alternatives: Sequence[object] = ()) -> None:
        super().__init__(text)
        self.code = code
        self.alternatives = tuple(alternatives)
