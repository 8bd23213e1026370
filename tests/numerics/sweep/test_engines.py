"""Every engine computes the same blocks, byte for byte, and says clearly why it cannot."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import socket
import sys
from functools import partial
from pathlib import Path
from textwrap import dedent

import pytest
import torch
import xarray as xr
from threadpoolctl import threadpool_info, threadpool_limits

from numerics.experiments.nurisso import figure_4
from numerics.sweep import Dask, Engine, Local, dask_engine, gather
from numerics.sweep.engine import attempt, compute_block, one_thread
from quadrics.errors import DimensionError, ImbalanceError, SweepError

SMALL = figure_4.Size(widths=(2, 3, 5), seeds=20, steps=30, protocols=("A", "D"), ends_only=("A",))
LABELS = ["a", "bb", "ccc", "dddd"]


@pytest.fixture(scope="module")
def distributed():
    return pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster(distributed, blocks):
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        yield cluster


@pytest.fixture(scope="module")
def blocks(tmp_path_factory):
    """A module that other processes can import."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "blocks_for_engines.py").write_text(
        dedent(
            """
            import os, time
            from pathlib import Path
            import numpy as np, torch, xarray as xr
            from quadrics.errors import ImbalanceError

            class Unpicklable(Exception):
                def __init__(self, one, two):
                    super().__init__(f"{one} and {two}")
                    self.why = lambda: one

            def size(label):
                return xr.Dataset({"size": len(label), "threads": torch.get_num_threads()})

            def slow(label):
                time.sleep(0.5)
                return size(label)

            def fail(how, label):
                if label != "ccc":
                    return size(label)
                if how == "torch":
                    return xr.Dataset({"x": ("k", torch.empty(2**60).numpy())})
                if how == "numpy":
                    return xr.Dataset({"x": ("k", np.empty(2**55))})
                if how == "bare":
                    raise MemoryError
                if how == "CUDA":
                    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 EiB\\nmore text")
                if how == "named":
                    raise ImbalanceError("got c = nan")
                if how == "unpicklable":
                    raise Unpicklable(1, 2)
                os._exit(3)

            def die_once(folder, label):
                "The first to come here takes its whole process along."
                try:
                    Path(folder, "died").touch(exist_ok=False)
                except FileExistsError:
                    return size(label)
                time.sleep(0.2)
                os.kill(os.getpid(), 9)
            """
        )
    )
    sys.path.insert(0, str(folder))
    import blocks_for_engines  # type: ignore[import-not-found]

    yield blocks_for_engines
    sys.path.remove(str(folder))


def written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> dict[str, bytes]:
    """What a sweep writes that this process computes alone."""
    folder = tmp_path_factory.mktemp("alone")
    figure_4.run(seed=1, size=SMALL, folder=folder)
    return written(folder)


def test_the_files_of_several_processes_are_those_of_one(alone, tmp_path: Path) -> None:
    assert len(alone) == 6
    figure_4.run(seed=1, size=SMALL, folder=tmp_path, engine=Local(workers=2))
    assert written(tmp_path) == alone


def test_an_interrupt_keeps_what_was_finished_and_leaves_no_process(blocks, tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    before, more = set(multiprocessing.active_children()), Local(workers=5)  # than blocks
    with pytest.raises(KeyboardInterrupt):
        gather(LABELS[:2], blocks.slow, kind="demo", settings={}, folder=tmp_path, progress=interrupt, engine=more)
    assert len(written(tmp_path)) == 1
    assert set(multiprocessing.active_children()) <= before
    found = gather(LABELS[:2], blocks.slow, kind="demo", settings={}, folder=tmp_path)
    assert found["size"].values.tolist() == [1, 2]
    assert found["threads"].values.tolist() == [1, 1]


def test_the_files_do_not_depend_on_the_threads_that_this_process_has(alone, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        figure_4.run(seed=1, size=SMALL, folder=tmp_path)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
    assert written(tmp_path) == alone


def test_the_files_of_a_cluster_that_loses_a_worker_are_those_of_one_process(cluster, alone, tmp_path: Path) -> None:
    killed = []

    def kill(done: int, total: int) -> None:
        if not killed:
            killed.append(next(worker.pid for worker in cluster.workers.values() if worker.process.is_alive()))
            os.kill(killed[0], 9)

    figure_4.run(seed=1, size=SMALL, folder=tmp_path, progress=kill, engine=Dask(cluster.scheduler_address))
    assert killed
    assert written(tmp_path) == alone


def test_a_block_whose_worker_dies_is_computed_by_another(cluster, blocks, tmp_path: Path) -> None:
    compute = partial(blocks.die_once, str(tmp_path))
    found = gather(LABELS, compute, kind="demo", settings={}, engine=Dask(cluster.scheduler_address))
    assert (tmp_path / "died").exists()
    assert found["size"].values.tolist() == [1, 2, 3, 4]
    assert found["threads"].values.tolist() == [1, 1, 1, 1]


@pytest.fixture(params=["alone", "processes", "cluster"])
def any_engine(request) -> Engine:
    if request.param == "cluster":
        return Dask(request.getfixturevalue("cluster").scheduler_address)
    return Local(workers=1 if request.param == "alone" else 2)


def test_out_of_memory_is_a_clear_error_that_keeps_what_was_finished(any_engine, blocks, tmp_path: Path) -> None:
    first = gather(LABELS[:2], blocks.size, kind="demo", settings={}, folder=tmp_path)
    with pytest.raises(SweepError, match=r"block 'ccc': out of memory \(.*; the finished blocks are kept"):
        gather(LABELS, partial(blocks.fail, "torch"), kind="demo", settings={}, folder=tmp_path, engine=any_engine)
    again = gather(LABELS[:2], blocks.fail, kind="demo", settings={}, folder=tmp_path)
    xr.testing.assert_identical(again, first)


@pytest.mark.parametrize("how", ["torch", "numpy", "CUDA", "bare"])
def test_all_the_ways_to_be_out_of_memory(blocks, how: str) -> None:
    with pytest.raises(SweepError, match=r"^block 'ccc': out of memory \([^\n]+\); the finished[^\n]+$"):
        compute_block(partial(blocks.fail, how), "ccc")


def test_other_errors_of_torch_are_not_taken_for_a_lack_of_memory() -> None:
    def wrong(label: str) -> xr.Dataset:
        return xr.Dataset({"x": ("k", (torch.ones(2, 3) @ torch.ones(2, 3)).numpy())})

    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        compute_block(wrong, "a")


def test_an_error_of_a_block_is_its_own_and_tells_where(cluster, blocks) -> None:
    with pytest.raises(ImbalanceError, match="got c = nan") as found:
        gather(LABELS, partial(blocks.fail, "named"), kind="demo", settings={}, engine=Dask(cluster.scheduler_address))
    assert "in fail" in found.value.__notes__[0]


def test_an_error_that_cannot_travel_is_told(blocks) -> None:
    told = attempt(partial(blocks.fail, "unpicklable"), "ccc")
    assert isinstance(told, SweepError)
    assert str(told) == "block 'ccc': Unpicklable: 1 and 2"


def test_a_process_that_dies_is_a_clear_error(blocks, tmp_path: Path) -> None:
    with pytest.raises(SweepError, match=r"block 'ccc': got a worker process that died \(exit code 3;"):
        gather(LABELS, partial(blocks.fail, "exit"), kind="demo", settings={}, folder=tmp_path, engine=Local(workers=2))
    assert "ccc.nc" not in written(tmp_path)


def test_a_block_that_every_worker_dies_of(cluster, blocks, monkeypatch) -> None:
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)
    engine = Dask(cluster.scheduler_address)
    # Alone: with no failure allowed, a block that waits for the worker that died would be blamed as well.
    with pytest.raises(SweepError, match="block 'ccc': got workers that die of it"):
        gather(["ccc"], partial(blocks.fail, "exit"), kind="demo", settings={}, engine=engine)


def test_no_scheduler_is_an_error_that_keeps_what_was_finished(distributed, blocks, tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # nobody listens at a port that is only bound
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
        gather(["a"], blocks.size, kind="demo", settings={}, folder=tmp_path)
        before = written(tmp_path)
        with pytest.raises(SweepError, match=f"scheduler: got none with workers at {address} .*refused"):
            gather(["a", "b"], blocks.size, kind="demo", settings={}, folder=tmp_path, engine=Dask(address))
    assert written(tmp_path) == before


@pytest.mark.parametrize("address", ["nonsense", "tcp://", "127.0.0.1", "127.0.0.1:many"])
def test_what_is_no_address(distributed, blocks, address: str) -> None:
    with pytest.raises(SweepError, match="scheduler: got none with workers at"):
        next(Dask(address).run(blocks.size, ["a"]))


def test_a_scheduler_without_workers(distributed, blocks, monkeypatch) -> None:
    monkeypatch.setattr(dask_engine, "PATIENCE", 0.5)
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0") as empty,
        pytest.raises(SweepError, match="scheduler: got none with workers"),
    ):
        next(Dask(empty.scheduler_address).run(blocks.size, ["a"]))


def test_a_scheduler_that_goes_away(distributed, blocks, tmp_path: Path) -> None:
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as cluster,
        pytest.raises(SweepError, match="scheduler: got a lost connection"),
    ):
        gather(
            LABELS,
            blocks.slow,
            kind="demo",
            settings={},
            folder=tmp_path,
            progress=lambda done, total: cluster.close() if done == 1 else None,
            engine=Dask(cluster.scheduler_address),
        )
    assert len(written(tmp_path)) >= 1


def test_workers_with_other_versions_are_refused(cluster, blocks, monkeypatch) -> None:
    monkeypatch.setattr(dask_engine, "versions", lambda: {"torch": "1.0"})
    with pytest.raises(SweepError, match=r"worker: got one with .*; expected what is here"):
        gather(LABELS, blocks.size, kind="demo", settings={}, engine=Dask(cluster.scheduler_address))


@pytest.mark.parametrize("choice", [Local(workers=2), "dask"])
def test_what_cannot_be_sent_is_refused(distributed, choice) -> None:
    chosen = Dask("tcp://127.0.0.1:1") if choice == "dask" else choice

    def inside(label: str) -> xr.Dataset:
        return xr.Dataset()

    with pytest.raises(SweepError, match="cannot be sent to another process"):
        gather(LABELS, inside, kind="demo", settings={}, engine=chosen)


def test_a_worker_that_lacks_the_module_is_told(cluster, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "only_here.py").write_text("def compute(label):\n    return None\n")
    monkeypatch.syspath_prepend(tmp_path)
    compute = importlib.import_module("only_here").compute
    with pytest.raises(SweepError, match=r"worker: got ModuleNotFoundError \(No module named 'only_here'\)"):
        gather(LABELS, compute, kind="demo", settings={}, engine=Dask(cluster.scheduler_address))


def test_threads_are_limited_inside_and_restored_afterwards() -> None:
    def threads() -> list[int]:
        return [library["num_threads"] for library in threadpool_info()]

    with threadpool_limits(2):
        before = torch.get_num_threads(), threads()
        assert max(threads()) == 2
        with one_thread():
            assert (torch.get_num_threads(), set(threads())) == (1, {1})
        assert (torch.get_num_threads(), threads()) == before


def test_without_the_extra(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SweepError, match=r"pip install 'quadrics\[distributed\]'"):
        Dask()


def test_numbers_of_workers(distributed) -> None:
    with pytest.raises(DimensionError, match="workers: got 0"):
        Local(workers=0)
    with pytest.raises(DimensionError, match="workers: got 0"):
        Dask(workers=0)
    with pytest.raises(SweepError, match="it has its own"):
        Dask("tcp://127.0.0.1:1", workers=2)
