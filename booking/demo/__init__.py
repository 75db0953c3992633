"""The demo: February 2021 with today's dates. Invented people, real rules, real services."""
