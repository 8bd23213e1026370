"""Running Coq: compile files in order, ask for statements and axioms, keep what was compiled in a cache.

A compiled file lies in a folder named after everything it depends on: its text, the texts of the files it needs and
the version of Coq. Nothing is ever written next to the sources.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..evidence import Skipped
from .sources import Sources, normalized, without_comments

REQUIRED = "QUADRICS_REQUIRE_COQ"
# Clashes of notations between the standard library and mathcomp; both readings are checked by the pinned statements.
FLAGS = ("-q", "-w", "-notation-overridden,-ambiguous-paths")
SECONDS = 600
HOW = "coqc is not installed: apt-get install coq libcoq-mathcomp-algebra libcoq-mathcomp-fingroup"


class CoqError(Exception):
    """Coq refused a file, or said something that we do not understand."""


@dataclass(frozen=True)
class Found:
    """What Coq says of one theorem: its statement as printed, and the axioms it rests on."""

    statement: str
    axioms: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What Coq says of the theorems of one file; a name that it does not know is left out."""

    found: dict[str, Found]
    seconds: float
    version: str


@dataclass
class Coq:
    """An installed Coq with its cache."""

    sources: Sources
    cache: Path
    coqc: str
    version: str
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def here(cls, sources: Sources, cache: Path | None = None) -> Coq:
        """The Coq of this machine.

        Raises
        ------
        Skipped
            If there is none.
        CoqError
            If there is none and the environment variable ``QUADRICS_REQUIRE_COQ`` is 1.
        """
        coqc = shutil.which("coqc")
        if coqc is None:
            raise missing(HOW)
        said = subprocess.run([coqc, "--print-version"], capture_output=True, text=True, timeout=SECONDS, check=True)
        return cls(sources, cache or cache_folder(), coqc, said.stdout.split()[0])

    def key(self, name: str) -> str:
        """The fingerprint of a file: its text, the texts it rests on, Coq's version and the flags."""
        digest = hashlib.sha256(repr((self.version, FLAGS)).encode())
        for one in self.sources.needed(name):
            digest.update(f"{one}\0{self.sources.texts[one]}\0".encode())
        return digest.hexdigest()[:20]

    def folder(self, name: str) -> Path:
        """Where the compiled file belongs."""
        return self.cache / f"{name}-{self.key(name)}"

    def paths(self, name: str) -> list[str]:
        """The arguments that let Coq find what a file needs."""
        return [word for one in self.sources.needed(name) for word in ("-Q", str(self.folder(one)), "Quadrics")]

    def compile(self, name: str) -> None:
        """Compile a file and everything it needs, unless the cache has it.

        Raises
        ------
        CoqError
            With Coq's message, if it refuses the file.
        """
        for one in self.sources.needed(name):
            self.compile_alone(one)

    def compile_alone(self, name: str) -> None:
        """Compile a file whose needs are compiled. The finished folder appears at once or not at all."""
        target = self.folder(name)
        if (target / f"{name}.vo").exists():
            return
        self.cache.mkdir(parents=True, exist_ok=True)
        started = time.perf_counter()
        work = Path(tempfile.mkdtemp(dir=self.cache, prefix=f".{name}-"))
        try:
            source = work / f"{name}.v"
            source.write_text(self.sources.texts[name], encoding="utf-8")
            needs = self.sources.needed(name)[:-1]
            before = [word for one in needs for word in ("-Q", str(self.folder(one)), "Quadrics")]
            self.run([*before, "-Q", str(work), "Quadrics", str(source)], f"{name}.v")
            self.seconds[name] = time.perf_counter() - started
            try:
                work.rename(target)
            except OSError:
                if not (target / f"{name}.vo").exists():  # otherwise another process was faster
                    raise
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def ask(self, name: str, theorems: Iterable[str], mutants: Iterable[str] = ()) -> Report:
        """The statements and axioms of theorems of a file, as the kernel has them.

        To collect axioms Coq walks through all that a proof rests on, the real numbers again each time. So the mutants
        are asked about together: each is taken to rest on whatever one of them does.
        """
        started = time.perf_counter()
        self.compile(name)
        script = [
            *prelude(self.sources.texts[name]),
            f"From Quadrics Require Import {' '.join(self.sources.needed(name))}.",
        ]
        script += ["Set Printing Width 110.", "Set Printing Depth 10000."]
        for number, group in enumerate([*([one] for one in theorems), list(mutants)]):
            for theorem in group:
                script += [f'Goal True. idtac "@@ {theorem}". Abort.', f"Check @{name}.{theorem}."]
            together = " ".join(f"@{name}.{theorem}," for theorem in group)
            script += [
                f"Definition asked_{number} := ({together} I).",
                'Goal True. idtac "@@ axioms". Abort.',
                f"Print Assumptions asked_{number}.",
            ]
        with tempfile.TemporaryDirectory(prefix="quadrics-") as work:
            path = Path(work) / "ask.v"
            path.write_text("\n".join(script) + "\n", encoding="utf-8")
            said = self.run([*self.paths(name), str(path)], f"the questions about {name}.v")
        return Report(understood(said), time.perf_counter() - started, self.version)

    def run(self, arguments: list[str], what: str) -> str:
        """Run coqc and return what it prints."""
        command = [self.coqc, *FLAGS, *arguments]
        self.cache.mkdir(parents=True, exist_ok=True)
        try:  # in the cache, because some tactics leave files of their own where they run
            done = subprocess.run(command, cwd=self.cache, capture_output=True, text=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise CoqError(f"coqc did not finish {what} in {SECONDS} s") from None
        if done.returncode:
            message = normalized(done.stderr)
            if re.search(r"Cannot find a physical path bound to logical path.*mathcomp", message):
                raise missing(f"mathcomp is not installed: {HOW.split(': ')[1]}")
            raise CoqError(f"coqc refuses {what}: {message[-1500:]}")
        return done.stdout


def missing(how: str) -> Exception:
    """The answer to a missing Coq: evidence that is skipped or, where Coq is required, an error."""
    return CoqError(f"{how} ({REQUIRED}=1)") if os.environ.get(REQUIRED) == "1" else Skipped(how)


def cache_folder() -> Path:
    """Where compiled files are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "quadrics" / "coq"


def prelude(text: str) -> list[str]:
    """What a script imports before it asks, so that statements print in the notation of their file.

    >>> prelude("Require Import Reals Lra.")
    ['Require Import Reals.', 'Open Scope R_scope.']
    """
    bare = without_comments(text)
    lines = []
    if re.search(r"\bReals\b", bare):
        lines.append("Require Import Reals.")
    if re.search(r"\bmathcomp\b", bare):
        lines.append("From mathcomp Require Import all_ssreflect fingroup perm all_algebra.")
    if re.search(r"\bReals\b", bare):
        lines.append("Open Scope R_scope.")
    return lines


def understood(said: str) -> dict[str, Found]:
    """Read the answers to ``Check`` and ``Print Assumptions``.

    >>> understood('''@@ one
    ... one
    ...      : 0 < 1
    ... @@ two
    ... two
    ...      : 0 < 2
    ... @@ axioms
    ... Axioms:
    ... some.axiom : forall P : Prop,
    ...   P
    ... ''')
    {'one': Found(statement='0 < 1', axioms=('some.axiom',)), 'two': Found(statement='0 < 2', axioms=('some.axiom',))}

    Raises
    ------
    CoqError
        If an answer is neither a list of axioms nor their absence.
    """
    parts = re.split(r"^@@ (.*)$\n?", said, flags=re.MULTILINE)[1:]
    found: dict[str, Found] = {}
    statements: dict[str, str] = {}
    for marker, answer in zip(parts[0::2], parts[1::2], strict=True):
        if marker == "axioms":  # of all theorems since the axioms before
            axioms = _axioms(answer)
            found |= {name: Found(statement, axioms) for name, statement in statements.items()}
            statements = {}
        else:
            statements[marker] = _statement(marker, answer)
    if statements:
        raise CoqError(f"coqc answered no question for the axioms of {', '.join(statements)}")
    return found


def _statement(name: str, answer: str) -> str:
    match = re.match(rf"\s*@?(?:[\w']+\.)*{re.escape(name)}\s*:\s+(.*)", answer, flags=re.DOTALL)
    if match is None:
        raise CoqError(f"coqc answered the question for {name} with {normalized(answer)[:200]!r}")
    # Coq indents the type by seven spaces.
    return re.sub(r"^ {1,7}", "", match.group(1), flags=re.MULTILINE).strip()


def _axioms(text: str) -> tuple[str, ...]:
    text = text.strip()
    if text == "Closed under the global context":
        return ()
    heading, _, rest = text.partition("\n")
    # Each axiom starts a line; the rest of its type is indented.
    names = re.findall(r"^(\S+)(?=\s*(?::|$))", rest, flags=re.MULTILINE)
    others = [line for line in rest.splitlines() if line and not line[0].isspace() and line.split()[0] not in names]
    if heading != "Axioms:" or not names or others:
        raise CoqError(f"coqc answered the question for axioms with {normalized(text)[:200]!r}")
    return tuple(names)
