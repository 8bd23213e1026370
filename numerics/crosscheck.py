"""The cross-check: join claims with their measurements, run everything, and keep the ledger.

A run that is interrupted leaves what it finished on disk; the same run started again takes it up from there.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from proofs import Check, Claim, Context, Derivation, Ledger, all_claims, claim_graph, examine, find
from proofs.check import Mode
from proofs.evidence import Evidence, Way
from proofs.kernel import KernelProof, asked_ahead
from proofs.ledger import Entry
from quadrics.errors import ClaimError

from .native.compiler import identity

Listener = Callable[[int, int, Claim, str], None]
SOURCES = ("*.py", "*.v", "*.toml", "*.cpp", "*.hpp")


def verify(
    *claims: Claim | str,
    mode: Mode = "quick",
    seed: int = 0,
    device: str = "cpu",
    ways: Iterable[Way | str] | None = None,
    resume: bool = False,
    listen: Listener | None = None,
) -> Ledger:
    """Run all evidence of some claims, measurements included, and return the ledger.

    Parameters
    ----------
    claims:
        Claims or ids of claims; without any, all of them. A :class:`~proofs.Claim` of your own goes the same road:
        its derivations, checks and controls are run alike and its verdict is computed alike. It may use the papers'.
    mode:
        ``"quick"`` (smaller samples, wider intervals) or ``"full"``.
    seed, device:
        Where every random number comes from, and ``"cpu"`` or ``"cuda"``.
    ways:
        Run only evidence of these ways (``"kernel"``, ``"measurement"``, ...).
    resume:
        Keep finished claims on disk while running, and take up an interrupted run of the same code and arguments.
    listen:
        Called as ``listen(done, total, claim, message)`` as the run advances.

    Raises
    ------
    UnknownClaimError
        For an id that no claim has, or a claim of yours that uses one.
    ClaimError
        If your claim's id is taken, or closes a circle; if ``ways`` names no way.
    DeviceError
        If the device is not there.

    Examples
    --------
    >>> from proofs import Claim, Control, Kind, Source, decided, enumeration
    >>> def decide(formula, context):
    ...     return decided(all(formula(n) == sum(range(n + 1)) for n in range(50)))
    >>> def conjecture(formula):
    ...     check = enumeration("n < 50", lambda: formula, decide, [Control("plus one", lambda f: lambda n: f(n) + 1)])
    ...     return Claim("mine.gauss", Kind.THEOREM, "Sums", Source("mine", "Gauss"), "the sum", evidence=[check])
    >>> verify(conjecture(lambda n: n * (n + 1) // 2)).verdicts()
    {'mine.gauss': <Verdict.CHECKED: 'checked'>}
    >>> verify(conjecture(lambda n: n * n // 2)).verdicts()
    {'mine.gauss': <Verdict.FAILED: 'failed'>}
    """
    selected = [find(c) if isinstance(c, str) else c for c in claims] or list(all_claims())
    known = {c.id: c for c in all_claims()}
    own = [c for c in selected if known.get(c.id) is not c]
    claim_graph([*known.values(), *own])
    chosen_ways = _ways(ways)
    wants_torch = chosen_ways is None or bool(chosen_ways & {Way.MEASUREMENT, Way.COUNTEREXAMPLE})
    needs_torch = wants_torch and any(c.id in known for c in selected)
    checks: dict[str, tuple[Check[Any], ...]] = {}
    if needs_torch:
        from .checks import all_checks
        from .device import pick_device

        pick_device(device)
        checks = all_checks(known)

    def keep(one: Derivation | Check[Any] | KernelProof) -> bool:
        return chosen_ways is None or one.way in chosen_ways

    ledger = Ledger(run=_run_facts(mode, seed, device, torch=needs_torch))
    context = Context(seed=seed, mode=mode, device=device)
    record = Record(_cache_folder() / f"{_fingerprint(mode, seed, device, chosen_ways)}.jsonl") if resume else None
    finished = record.read() if record else {}
    started = time.perf_counter()
    waiting = [c for c in selected if not (c.id in finished and c.id in known)]
    kernel = {c.id: [e for e in c.evidence if isinstance(e, KernelProof) and keep(e)] for c in waiting}
    entries: dict[str, Entry] = {}
    if needs_torch and any(kernel.values()):
        leave_a_processor()
    with asked_ahead([proof for proofs in kernel.values() for proof in proofs], context):
        # What Coq has a part in comes last: until then it has most of its answers.
        for done, claim in enumerate(sorted(selected, key=lambda c: bool(kernel.get(c.id)))):

            def tell(message: str, done: int = done, claim: Claim = claim) -> None:
                if listen:
                    listen(done, len(selected), claim, message)

            tell("")
            context.tell = tell
            measurements = checks.get(claim.id, ()) if claim.id in known else ()
            if claim.id in finished and claim.id in known:
                entries[claim.id] = Entry(claim, finished[claim.id])
            else:
                entries[claim.id] = examine(claim, context, measurements, keep)
                if record:
                    record.write(entries[claim.id])
    for claim in selected:
        ledger.add(entries[claim.id])
    ledger.run["seconds"] = round(time.perf_counter() - started, 1)
    if record:
        record.forget()
    return ledger


class Record:
    """Finished claims of a run in progress: one JSON line each, flushed as it is written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, tuple[Evidence, ...]]:
        """What an interrupted run has finished; a last line cut short is dropped."""
        found: dict[str, tuple[Evidence, ...]] = {}
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                try:
                    row = json.loads(line)
                except json.JSONDecodeError:
                    break
                found[row["id"]] = tuple(Evidence.from_json(e) for e in row["evidence"])
        return found

    def write(self, entry: Entry) -> None:
        """Append one finished claim."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"id": entry.claim.id, "evidence": [e.to_json() for e in entry.evidence]})
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")

    def forget(self) -> None:
        """The run is complete: nothing to resume."""
        self.path.unlink(missing_ok=True)


def leave_a_processor() -> None:
    """Let torch use all processors but one, which is Coq's: its threads wait for each other, and the slowest rules."""
    import torch

    torch.set_num_threads(max(1, min(torch.get_num_threads(), (os.cpu_count() or 1) - 1)))


def _ways(ways: Iterable[Way | str] | None) -> set[Way] | None:
    if ways is None:
        return None
    chosen = set()
    for way in ways:
        try:
            chosen.add(Way(way))
        except ValueError:
            expected = ", ".join(Way)
            raise ClaimError(f"no way {str(way)!r}; expected one of {expected}") from None
    return chosen or None


def _run_facts(mode: str, seed: int, device: str, *, torch: bool) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "sympy": version("sympy"),
        "torch": version("torch") if torch else None,
        "device": _device_name(device) if torch else "cpu",
        "seed": seed,
        "mode": mode,
    }


def _device_name(device: str) -> str:
    if device == "cpu":
        return "cpu"
    import torch

    return f"{device}: {torch.cuda.get_device_name(device)}"


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "quadrics"


def _fingerprint(mode: str, seed: int, device: str, ways: set[Way] | None) -> str:
    """What a run depends on: arguments, libraries, Coq's presence, kernels, every source file of the three packages."""
    digest = hashlib.sha256(repr((mode, seed, device, sorted(ways or ()), shutil.which("coqc"), identity())).encode())
    for library in ("sympy", "networkx", "numpy", "scipy", "torch", "z3-solver", "scikit-learn", "gudhi"):
        try:
            digest.update(f"{library} {version(library)}".encode())
        except PackageNotFoundError:
            digest.update(f"{library} -".encode())
    for source in _sources():
        digest.update(source.read_bytes())
    return digest.hexdigest()[:24]


def _sources() -> Sequence[Path]:
    import proofs
    import quadrics

    roots = [Path(str(package.__file__)).parent for package in (quadrics, proofs)] + [Path(__file__).parent]
    return [
        path
        for root in roots
        for kind in ("*.py", "*.v", "*.toml", "*.cpp", "*.hpp")
        for path in sorted(root.rglob(kind))
    ]
