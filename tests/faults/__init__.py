"""Faults in real processes: the worker and beat that ``make run`` starts are killed, frozen, doubled, cut off.

The processes run the unchanged product against the test database. No moment is hoped for: a worker is frozen, then it
is checked where it stands, and let go again if it is not there yet.
"""
