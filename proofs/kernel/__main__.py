"""``python -m proofs.kernel``: build all Coq files from clean, print the table of theorems, let ``coqchk`` check them.

``python -m proofs.kernel pins FILE`` prints what the table has to say about a file, ready to be read and pasted.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from graphlib import TopologicalSorter
from pathlib import Path

from ..check import Context
from ..evidence import Skipped, Status
from .answers import Answers
from .coqc import Coq, CoqError, cache_folder
from .proof import AXIOMS, KernelProof, text_problems
from .sources import definitions, sentences, sources
from .theorems import table

WORKERS = 2


def main(arguments: list[str]) -> int:
    """Run a command; 0 if everything holds."""
    if arguments[:1] == ["pins"] and len(arguments) == 2:
        return pins(arguments[1])
    if arguments:
        print(f"got {' '.join(arguments)!r}; expected nothing, or: pins FILE", file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory(prefix="quadrics-coq-") as folder:
            return prove(Coq.here(sources(), Path(folder)))
    except (Skipped, CoqError) as error:
        print(error, file=sys.stderr)
        return 1


def prove(coq: Coq) -> int:
    """Build, tabulate, check."""
    started = time.perf_counter()
    build(coq)
    print(f"{len(coq.sources.order)} files built in {time.perf_counter() - started:.0f} s by Coq {coq.version}\n")
    context = Context()
    failures = [line for file in coq.sources.order for line in text_problems(coq.sources, table(), file)]
    rows = []
    answers = context.once(("coq", coq.sources.folder), lambda: Answers(coq, table(), WORKERS))
    answers.ahead(one.file for one in table().theorems)
    for one in table().theorems:
        evidence = KernelProof(one).run(context)
        if evidence.status is not Status.PASSED or not evidence.sound:
            failures.append(f"{one.name} ({one.file}.v): {dict(evidence.details)}, {evidence.controls}")
        axioms = ", ".join(name.rpartition(".")[2] for name in evidence.details.get("axioms", ())) or "none"
        rows.append((f"{one.file}.{one.name}", ", ".join(one.claims), str(evidence.status), axioms))
    rows.insert(0, ("theorem", "claim", "status", "axioms"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print(f"\nAxioms allowed: {', '.join(sorted(AXIOMS))}")
    failures += recheck(coq)
    print("\n".join(failures) or f"{len(rows) - 1} theorems hold. {time.perf_counter() - started:.0f} s in all.")
    return 1 if failures else 0


def build(coq: Coq) -> None:
    """Compile every file, two at a time, each as soon as what it needs is there."""
    waiting = TopologicalSorter(coq.sources.imports)
    waiting.prepare()
    with ThreadPoolExecutor(WORKERS) as pool:
        running = {}
        while waiting.is_active():
            for name in waiting.get_ready():
                running[name] = pool.submit(coq.compile_alone, name)
            finished = [name for name, job in running.items() if job.done()]
            for name in finished:
                running.pop(name).result()
                print(f"  {name}.v  {coq.seconds[name]:.1f} s", flush=True)
                waiting.done(name)
            time.sleep(0.02)


def recheck(coq: Coq) -> list[str]:
    """Let ``coqchk``, the kernel without the rest of Coq, read the compiled files again."""
    coqchk = shutil.which("coqchk")
    if coqchk is None:
        return ["coqchk is not installed"]

    def check(name: str) -> str:
        command = [str(coqchk), "-silent", *coq.paths(name), "-norec", f"Quadrics.{name}"]
        done = subprocess.run(command, cwd=coq.cache, capture_output=True, text=True, check=False)
        return f"coqchk refuses {name}: {done.stderr.strip()[-1500:]}" if done.returncode else ""

    # The last files first: those that compute large tables take longest, coqchk having no virtual machine.
    with ThreadPoolExecutor(WORKERS) as pool:
        failures = [line for line in pool.map(check, reversed(coq.sources.order)) if line]
    if not failures:
        print(f"coqchk: all {len(coq.sources.order)} compiled files pass")
    return failures


def pins(file: str) -> int:
    """Print the definitions of a file and the statements of its theorems, as the table writes them."""
    known = sources()
    text = known.texts[file]
    names = [words[1] for one in sentences(text) if (words := one.replace(":", " ").split())[0] == "Theorem"]
    report = Coq.here(known, cache_folder()).ask(file, names)
    for name in names:
        found = report.found[name]
        print(f"name = \"{name}\"  # {', '.join(found.axioms)}\nstatement = '''\n{found.statement}'''\n")
    print(f"[definitions.{file}]")
    for name, sentence in definitions(text).items():
        print(f"{name if name.isidentifier() else repr(name)} = '''{sentence}'''")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
