"""Compiling C++ where there is a compiler, and doing without where there is none."""

from __future__ import annotations

import ctypes
import os
import shutil
import stat

import pytest

from numerics.native import compiler
from numerics.native.compiler import cache_folder, identity, library, machine, why_not
from quadrics.errors import NativeError

SOURCE = 'extern "C" int answer() { return 42; }'
needs_compiler = pytest.mark.skipif(shutil.which(os.environ.get("CXX", "c++")) is None, reason="no C++ compiler")


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """A cache of its own, nothing remembered before or after."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("QUADRICS_NATIVE", raising=False)
    remembering = (compiler._library, compiler.machine)
    for function in remembering:
        function.cache_clear()
    yield
    for function in remembering:
        function.cache_clear()


@needs_compiler
def test_a_library_is_compiled_once_and_kept(monkeypatch) -> None:
    found = library(SOURCE)
    assert isinstance(found, ctypes.CDLL)
    assert found.answer() == 42
    kept = list(cache_folder().iterdir())
    assert [path.suffix for path in kept] == [".so"], "nothing half-made is left beside it"
    assert stat.S_IMODE(cache_folder().stat().st_mode) == 0o700, "nobody else may put code there"
    compiler._library.cache_clear()
    monkeypatch.setattr(compiler, "_compile", lambda *arguments: pytest.fail("compiled again"))
    assert library(SOURCE).answer() == 42


@needs_compiler
def test_another_text_or_machine_is_another_library(monkeypatch) -> None:
    library(SOURCE)
    assert library(SOURCE.replace("42", "43")).answer() == 43
    monkeypatch.setattr(compiler, "machine", lambda: "another processor")
    compiler._library.cache_clear()
    library(SOURCE)
    assert len(list(cache_folder().iterdir())) == 3


@needs_compiler
def test_text_that_does_not_compile(monkeypatch) -> None:
    assert library("not C++") is None
    assert not list(cache_folder().iterdir())
    monkeypatch.setenv("QUADRICS_NATIVE", "1")
    with pytest.raises(NativeError, match="QUADRICS_NATIVE=1: got no kernels"):
        library("not C++")


@needs_compiler
def test_where_kernels_are_used() -> None:
    assert why_not() is None


@needs_compiler
def test_a_compiler_without_openmp(monkeypatch) -> None:
    monkeypatch.setattr(compiler, "THREADS", "-fno-such-flag-at-all")
    assert library(SOURCE).answer() == 42


def test_without_a_compiler(monkeypatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert library(SOURCE) is None
    assert why_not() == "no-such-compiler: not found"
    with pytest.raises(NativeError, match="not found"):
        machine()
    assert identity() == "none"
    monkeypatch.setenv("QUADRICS_NATIVE", "1")
    with pytest.raises(NativeError, match="expected a C\\+\\+ compiler"):
        library(SOURCE)


def test_kernels_that_are_not_wanted(monkeypatch) -> None:
    monkeypatch.setenv("QUADRICS_NATIVE", "0")
    monkeypatch.setattr(compiler, "_compile", lambda *arguments: pytest.fail("compiled"))
    assert library(SOURCE) is None
    assert why_not() == "QUADRICS_NATIVE=0"


@needs_compiler
def test_a_damaged_library_is_compiled_again(monkeypatch) -> None:
    compile_ = compiler._compile
    monkeypatch.setattr(compiler, "_compile", lambda source, kept: kept.write_bytes(b"no library"))
    assert library(SOURCE) is None, "torch does the work then"
    monkeypatch.setattr(compiler, "_compile", compile_)
    compiler._library.cache_clear()
    (kept,) = cache_folder().iterdir()
    kept.chmod(0o600)
    assert library(SOURCE).answer() == 42


@needs_compiler
@pytest.mark.parametrize("which", ["folder", "file", "link"])
def test_code_that_others_may_have_put_there_is_not_loaded(which) -> None:
    library(SOURCE)
    compiler._library.cache_clear()
    (kept,) = cache_folder().iterdir()
    if which == "folder":
        cache_folder().chmod(0o777)
    elif which == "file":
        kept.chmod(0o666)
    else:
        kept.rename(kept.with_suffix(".moved"))
        kept.symlink_to(kept.with_suffix(".moved"))
    assert library(SOURCE) is None
    assert "others may write" in compiler._library(SOURCE)


@needs_compiler
@pytest.mark.parametrize("owner", [1, 65534])
def test_a_folder_of_somebody_else(monkeypatch, owner) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: owner)
    assert library(SOURCE) is None


@needs_compiler
def test_a_cache_that_cannot_be_written(monkeypatch, tmp_path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert library(SOURCE) is None
    assert "file" in why_not()


def test_no_home(monkeypatch) -> None:
    def home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(compiler.Path, "home", home)
    assert library(SOURCE) is None


def test_no_folder_for_temporary_files(monkeypatch) -> None:
    def nowhere(**options):
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(compiler.tempfile, "TemporaryDirectory", nowhere)
    assert library(SOURCE) is None


@pytest.mark.parametrize("what", ["c++ '", "{tmp}/data", "{tmp}/talks", "false"])
def test_what_is_no_compiler(monkeypatch, tmp_path, what) -> None:
    (tmp_path / "data").write_bytes(b"\x7fnot a program")
    (tmp_path / "talks").write_bytes(b"#!/bin/sh\nprintf '\\351' >&2\nexit 1\n")  # no UTF-8
    for name in ("data", "talks"):
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("CXX", what.format(tmp=tmp_path))
    assert library(SOURCE) is None
    assert why_not()
    assert identity() == "none"


def test_a_compiler_that_hangs(monkeypatch, tmp_path) -> None:
    (tmp_path / "hangs").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "hangs").chmod(0o755)
    monkeypatch.setenv("CXX", str(tmp_path / "hangs"))
    monkeypatch.setattr(compiler, "LIMIT", 0.2)
    assert library(SOURCE) is None
    assert "no answer" in why_not()


def test_a_relative_cache_is_none(monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert cache_folder().is_absolute()
