"""Django's PostgreSQL backend, asking its connection less often whether it still lives; see `base`."""
