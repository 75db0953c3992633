"""The accounts of the demonstration, one per role. They exist where DEMO is set, and their password is no secret.

Plain data without Django: `dev.py run` prints it, the login page of the demo shows it, booking/demo/staff.py makes it.
"""

from dataclasses import dataclass

PASSWORD = "impfen-in-riesa-2021"  # noqa: S105  printed on the screen


@dataclass(frozen=True)
class Account:
    """`role` is a value of accounts.roles.Role; `center` the slug of the one center, or empty."""

    username: str
    first_name: str
    last_name: str
    role: str
    center: str = ""
    work: str = ""  # in German, as the demo is


ACCOUNTS = (
    Account("leitung-riesa", "Thomas", "Beyer", "center_manager", "riesa", "Leitung des Impfzentrums Riesa"),
    Account("team-riesa", "Sandra", "Kunze", "center_staff", "riesa", "Team im Impfzentrum Riesa"),
    Account("leitung-dresden", "Katrin", "Hoffmann", "center_manager", "dresden", "Leitung des Impfzentrums Dresden"),
    Account("planung", "Jens", "Ziegler", "planner", "", "Planung und Vorrat"),
    Account("telefon", "Nicole", "Wolf", "call_agent", "", "Telefon"),
    Account("telefon-leitung", "Ralf", "Seidel", "call_lead", "", "Leitung des Telefons"),
    Account("protokoll", "Ute", "Franke", "auditor", "", "Einsicht in das Protokoll"),
    Account("konten", "Matthias", "Lorenz", "administrator", "", "Konten und Rollen"),
)
