"""From C++ text to a library that ctypes calls: compiled once for each machine, kept in the user's cache.

Nothing of this is needed to compute: without a compiler (GCC 9 or Clang 10, or newer), or with ``QUADRICS_NATIVE=0``,
:func:`library` is None and torch does the work. ``CXX`` chooses the compiler; by default it is ``c++``.
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
    """Where compiled libraries are kept: ``quadrics/native`` in ``$XDG_CACHE_HOME`` or ``~/.cache``."""
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (named if named.is_absolute() else Path.home() / ".cache") / "quadrics" / "native"


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
    found = _library(_probe())
    return None if isinstance(found, ctypes.CDLL) else found


def identity() -> str:
    """Return a short name of what kernels are compiled for here, ``"none"`` without them: results differ by rounding.

    >>> identity() == "none" or len(identity()) == 12
    True
    """
    return "none" if why_not() is not None else hashlib.sha256(machine().encode()).hexdigest()[:12]


@lru_cache(maxsize=1)
def machine() -> str:
    """Return what is compiled for: the compiler's version and the processor's features.

    A home that several machines share is so no danger: each finds libraries of its own.

    Raises:
        NativeError: there is no compiler, or it does not know this machine.
    """
    return _run([*_compiler(), "-march=native", "-dM", "-E", "-x", "c++", os.devnull])


@lru_cache(maxsize=1)
def _probe() -> str:
    """The smallest text that needs of a compiler what the kernels do."""
    entry = 'extern "C" void exponentials(float* x) { store(x, exponential<float>(load(x))); }'
    return f"{read_source('vectors.hpp')}\n{entry}\n"


@lru_cache(maxsize=32)
def _library(source: str) -> ctypes.CDLL | str:
    """Return the library, or what stands in its way."""
    try:
        key = hashlib.sha256("\0".join([source, machine(), *_compiler(), *FLAGS, THREADS]).encode()).hexdigest()[:32]
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _check_owner(folder)
        kept = folder / f"{key}.so"
        if kept.is_file():
            _check_owner(kept)
            try:
                return ctypes.CDLL(str(kept))
            except OSError:  # damaged
                kept.unlink()
        _compile(source, kept)
        return ctypes.CDLL(str(kept))
    # No home, no folder for temporary files, a compiler that is no program: torch does without.
    except (OSError, RuntimeError, ValueError) as error:
        return str(error) or type(error).__name__


def _check_owner(path: Path) -> None:
    """Refuse to load code that somebody else may have put there."""
    about = path.lstat()
    if path.is_symlink() or about.st_uid != os.geteuid() or about.st_mode & 0o022:
        raise NativeError(
            f"{path}: got a place that others may write to (owner {about.st_uid}, mode {about.st_mode & 0o777:o}); "
            "expected your own: chmod go-w, or another XDG_CACHE_HOME"
        )


def _compiler() -> list[str]:
    command = shlex.split(os.environ.get("CXX", "")) or ["c++"]
    if sys.platform == "win32":  # other flags, and no vectors
        raise NativeError("kernels: got Windows; expected Linux or macOS")
    if shutil.which(command[0]) is None:
        raise NativeError(f"{command[0]}: not found")
    return command


def _compile(source: str, kept: Path) -> None:
    """Compile into a file of its own, see that it can be loaded, and move it to its place when it is whole."""
    if sys.stderr.isatty():
        print("compiling a kernel for this machine, once ...", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        text, built = Path(folder) / "kernel.cpp", Path(folder) / "kernel.so"
        text.write_text(source, encoding="utf-8")
        command = [*_compiler(), *FLAGS, str(text), "-o", str(built)]
        try:
            _run([*command, THREADS])
            ctypes.CDLL(str(built))
        except (OSError, NativeError):  # Apple's compiler has no OpenMP
            _run(command)
        with tempfile.NamedTemporaryFile(dir=kept.parent, suffix=".partial", delete=False) as file:
            file.write(built.read_bytes())
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, kept)


def _run(command: list[str]) -> str:
    """Return what a compiler prints.

    Raises:
        NativeError: it fails, or takes too long.
    """
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=LIMIT
        )
    except subprocess.TimeoutExpired:
        raise NativeError(f"{command[0]}: got no answer in {LIMIT} s") from None
    if done.returncode:
        raise NativeError(f"{command[0]}: {done.stderr.strip()[-500:]}")
    return done.stdout
