"""What goes wrong on a developer's machine is told in one line that names the cure. Standard library only."""


class Problem(Exception):
    """Something outside the code stands in the way.

    `what` says what happened, `cure` what to do about it; both are whole sentences without a line break.
    """

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(f"{what} {cure}")
        self.what = what
        self.cure = cure
