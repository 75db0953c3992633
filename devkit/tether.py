"""Run a command that dies with its parent: `tether.py SIGNAL PARENT_PID command...`.

PR_SET_PDEATHSIG is set on this very process, then it becomes the command. So a `kill -9` of the parent leaves nothing
running. It is a script of its own (not `preexec_fn`) because it must come after a change of user, which clears the
setting, and because `preexec_fn` is unsafe beside threads. Standard library only; where prctl does not exist
(not Linux) the command simply runs.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Tie this process to its parent and become the command."""
    wanted, parent, *command = arguments
    number = signal.Signals[f"SIG{wanted}"].value
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
        # The parent may have died between its fork and the line above.
        if os.getppid() != int(parent):
            sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
