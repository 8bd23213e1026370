"""``quadrics reproduce``: who computes, and what is said when nobody can or when it is interrupted."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from numerics.cli import main
from numerics.experiments import EXPERIMENTS
from numerics.experiments.nurisso import figure_4


def status(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    monkeypatch.setattr(sys, "argv", ["quadrics", "reproduce", "nurisso.fig4", *map(str, arguments)])
    monkeypatch.setattr(figure_4, "QUICK", figure_4.Size(widths=(2,), seeds=2, steps=2, protocols=("D",)))
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_a_scheduler_that_is_not_there(monkeypatch, capsys, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    options = ("--out", tmp_path, "--engine", "dask", "--scheduler", "tcp://127.0.0.1:1")
    assert status(monkeypatch, *options) == 2
    assert "error: scheduler: got none with workers at tcp://127.0.0.1:1" in capsys.readouterr().err


def test_a_scheduler_is_for_dask(monkeypatch, capsys, tmp_path: Path) -> None:
    assert status(monkeypatch, "--out", tmp_path, "--scheduler", "tcp://127.0.0.1:1") == 2
    assert "expected --engine dask" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [("--workers", "0"), ("--engine", "magic")])
def test_wrong_calls(monkeypatch, tmp_path: Path, options: tuple[str, str]) -> None:
    assert status(monkeypatch, "--out", tmp_path, *options) == 2
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_is_told_what_it_leaves(monkeypatch, capsys, tmp_path: Path) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(figure_4, "run", interrupted)
    assert status(monkeypatch, "--out", tmp_path) == 130
    assert "what was finished is kept, and the same command resumes" in capsys.readouterr().err


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_can_be_given_an_engine(name: str) -> None:
    from importlib import import_module
    from inspect import signature

    assert {"folder", "progress", "engine"} <= set(signature(import_module(EXPERIMENTS[name]).run).parameters)
