"""The door of a center: who comes today, what is looked at before the vaccination, and who is found by a code."""
