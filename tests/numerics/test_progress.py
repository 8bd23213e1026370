"""The progress bar: silent off a terminal and in short work."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from numerics.progress import ProgressBar


def work(terminal, delay, steps=3):
    stream = io.StringIO()
    with ProgressBar("training", delay=delay, console=Console(file=stream, force_terminal=terminal, width=80)) as bar:
        for step in range(steps):
            bar(step + 1, steps)
    return stream.getvalue()


def test_silent_off_a_terminal():
    assert work(terminal=False, delay=0.0) == ""


def test_silent_when_quick():
    assert work(terminal=True, delay=60.0) == ""


def test_shown_on_a_terminal():
    shown = work(terminal=True, delay=0.0)
    assert "training" in shown
    assert "3/3" in shown


def test_tells_the_rate():
    stream, now = io.StringIO(), iter(range(1000))
    console = Console(file=stream, force_terminal=True, width=100, get_time=lambda: float(next(now)))
    with ProgressBar("training", unit="networks × steps", delay=0.0, console=console) as bar:
        for step in range(20):
            bar(5_200_000 * (step + 1), 5_200_000 * 20)
    assert re.search(r"\d+(\.\d+)?[kMG] networks × steps/s", stream.getvalue())


def test_cleans_up_after_an_error():
    bar = ProgressBar("training", delay=0.0, console=Console(file=io.StringIO(), force_terminal=True))

    def fail():
        with bar:
            bar(1, 2)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert bar._bar is None
