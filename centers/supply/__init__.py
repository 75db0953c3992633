"""Vaccine of a center: what comes, what is promised to whom, and whether it is enough.

`ledger` and `weeks` are pure; `stock` reads; `cover` answers "is there vaccine for these places?"; `services` writes.
"""
