"""New sessions: the wizard, drafts that wait, and a week copied. /zentrum/sitzung/."""
