"""The pages of the center (/zentrum/): today, sessions, changes and supply. Each room has its own urls."""
