"""The moderation board's application: cases, blind second scoring, changes, meetings, and a trail that stays.

It reads the clock and the network's side of a browser on loopback, and nothing below imports it.
"""

__version__ = "0.1.0"
