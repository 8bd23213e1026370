"""From C++ text to a library that ctypes calls: compiled once for each machine, kept in the user's cache.

Nothing of this is needed to compute: without a compiler, or with ``QUADRICS_NATIVE=0``, :func:`library` is None and
torch does the work. ``CXX`` chooses the compiler; by default it is ``c++``.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

from quadrics.errors import NativeError

__all__ = ["cache_folder", "identity", "library", "machine", "read_source", "why_not"]

SWITCH = "QUADRICS_NATIVE"
"""``0``: never use kernels; ``1``: an error where there are none; else where there is a compiler."""
FLAGS = ("-O3", "-march=native", "-std=c++17", "-shared", "-fPIC")
THREADS = "-fopenmp"
LIMIT = 300
"""Seconds after which a compiler is given up."""


def cache_folder() -> Path:
    """Where compiled libraries are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "quadrics" / "native"


def read_source(name: str) -> str:
    """Return a C++ file of this folder."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def library(source: str) -> ctypes.CDLL | None:
    """Return the compiled library of a C++ text, or None where there is no compiler or it is not wanted.

    Raises:
        NativeError: ``QUADRICS_NATIVE=1`` and there is none.

    >>> doubled = library('extern "C" double doubled(double x) { return 2 * x; }')
    >>> if doubled is not None:
    ...     doubled.doubled.restype, doubled.doubled.argtypes = ctypes.c_double, [ctypes.c_double]
    ...     assert doubled.doubled(1.5) == 3.0
    """
    wanted = os.environ.get(SWITCH, "")
    if wanted == "0":
        return None
    found = _library(source)
    if isinstance(found, ctypes.CDLL):
        return found
    if wanted == "1":
        raise NativeError(f"{SWITCH}=1: got no kernels ({found}); expected a C++ compiler, such as Debian's g++")
    return None


def why_not() -> str | None:
    """Return why kernels are not used here, or None where they are.

    >>> import unittest.mock
    >>> with unittest.mock.patch.dict(os.environ, {SWITCH: "0"}):
    ...     why_not()
    'QUADRICS_NATIVE=0'
    """
    if os.environ.get(SWITCH) == "0":
        return f"{SWITCH}=0"
    found = _library('extern "C" int one() { return 1; }')
    return None if isinstance(found, ctypes.CDLL) else found


@lru_cache(maxsize=1)
def machine() -> str | None:
    """Return what is compiled for: the compiler's version and the processor's features, or None without a compiler.

    A home that several machines share is so no danger: each finds libraries of its own.
    """
    command = _compiler()
    if command is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.cpp"
        empty.touch()
        found = _run([*command, "-march=native", "-dM", "-E", str(empty)])
    return found.stdout if found is not None and found.returncode == 0 else None


def identity() -> str:
    """Return a short name of what kernels are compiled for here, ``"none"`` without them: results differ by rounding.

    >>> identity() == "none" or len(identity()) == 12
    True
    """
    about = machine() if why_not() is None else None
    return "none" if about is None else hashlib.sha256(about.encode()).hexdigest()[:12]


@lru_cache(maxsize=32)
def _library(source: str) -> ctypes.CDLL | str:
    """Return the library, or what stands in its way."""
    command = _compiler()
    if command is None:
        return f"{os.environ.get('CXX', 'c++')}: not found"
    about = machine()
    if about is None:
        return f"{command[0]}: does not compile for this machine"
    key = hashlib.sha256("\0".join([source, about, *command, *FLAGS]).encode()).hexdigest()[:32]
    try:
        kept = cache_folder() / f"{key}.so"
        if not kept.is_file():
            kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _compile(command, source, kept)
        return ctypes.CDLL(str(kept))
    except (OSError, NativeError) as error:
        return str(error)


def _compiler() -> list[str] | None:
    if sys.platform == "win32":  # other flags, and no vectors
        return None
    command = shlex.split(os.environ.get("CXX", "")) or ["c++"]
    return command if shutil.which(command[0]) else None


def _compile(command: list[str], source: str, kept: Path) -> None:
    """Compile into a file of its own, and move it to its place when it is whole."""
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        text, built = Path(folder) / "kernel.cpp", Path(folder) / "kernel.so"
        text.write_text(source, encoding="utf-8")
        said = ""
        for flags in ((*FLAGS, THREADS), FLAGS):  # Apple's compiler has no OpenMP
            done = _run([*command, *flags, str(text), "-o", str(built)])
            if done is not None and done.returncode == 0:
                built.replace(kept)
                return
            said = said or ("took too long" if done is None else done.stderr.strip()[-500:])
        raise NativeError(f"{command[0]}: {said}")


def _run(command: list[str]) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return None
