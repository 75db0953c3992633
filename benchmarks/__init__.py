"""The figures this project answers for, measured on its own servers: `python3 dev.py bench`. See README.md."""
