"""The one way in which a service about supply says no."""


class Refused(Exception):
    """Nothing was changed. `str(refusal)` is written for the person at the screen; `code` is for programs and forms."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
