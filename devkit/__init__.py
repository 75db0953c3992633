"""The house: how Impftermin installs, runs, tests and checks itself on one machine.

Nothing here is imported by the application. `dev.py` in the root is the only door.
"""
