"""Settings that every test shares."""

from __future__ import annotations

from hypothesis import settings

# No test is timed: exact arithmetic varies too much from example to example for a deadline.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
