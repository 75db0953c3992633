"""The one way in which a service says no."""

from collections.abc import Sequence


class Refused(Exception):
    """Nothing was changed. `str(refusal)` is written for the person at the screen; `code` is for programs and forms.

    `alternatives` are what she may have instead, where the service knows.
    """

    def __init__(self, code: str, text: str, *, alternatives: Sequence[object] = ()) -> None:
        super().__init__(text)
        self.code = code
        self.alternatives = tuple(alternatives)
