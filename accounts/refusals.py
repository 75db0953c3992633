"""The one way in which a service of the accounts says no."""


class Refused(Exception):
    """Nothing was changed. `str(refusal)` is written for the administrator; `code` is for programs."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
