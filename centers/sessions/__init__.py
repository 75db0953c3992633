"""Opening sessions: their grid of start times, their days, the wizard's draft, publishing."""
