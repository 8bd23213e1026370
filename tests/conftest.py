"""Settings that every test shares."""

from __future__ import annotations

import os

from hypothesis import settings

# No test is timed: exact arithmetic varies too much from example to example for a deadline. Runs here look for new
# examples; continuous integration repeats the same ones, so that a change is judged by what it changes.
settings.register_profile("untimed", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("untimed")
