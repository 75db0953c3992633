"""Journeys: whole ways of citizens in a real browser, through a real server, a real worker and a real mail server.

Each person of a journey is new, so that the journeys share one installation (house.py) and one world (world.py).
"""
