"""My appointment: choose center, day and time, book, move, cancel, change the contact, take the papers along.

Everything here is for one visitor who has exchanged a link (web/public/visit.py). No address carries a personal
datum, a slot's id grants nothing: `booking.entitlement` decides again at every write.
"""
