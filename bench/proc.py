"""Processes of this machine, from /proc: who began whom, what they are, how much processor they used. Linux only."""

import os
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")


def parents() -> dict[int, int]:
    """The parent of each process."""
    found = {}
    for stat in PROC.glob("[0-9]*/stat"):
        fields = _fields(int(stat.parent.name))
        if fields:
            found[int(stat.parent.name)] = int(fields[1])
    return found


def below(root: int, known: dict[int, int] | None = None) -> Iterator[int]:
    """A process and all that it began, and they. `known`: the parents of a moment ago."""
    known = parents() if known is None else known
    yield root
    for pid, parent in known.items():
        if parent == root:
            yield from below(pid, known)


def words(pid: int) -> list[str]:
    """How a process was called; nothing if it has ended."""
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").split()
    except OSError:
        return []


def processor_seconds(root: int) -> float:
    """What the workers of the gunicorn that is `root`, or runs below it, have used so far, in the kernel too; in steps
    of a hundredth of a second. Looked up each time: a new gunicorn takes a moment between its workers."""
    known = parents()
    found = [pid for pid in below(root, known) if "gunicorn" in words(pid)]
    workers = [pid for pid in found if known.get(pid) in found]
    return sum(sum(int(tick) for tick in _fields(pid)[11:13]) for pid in workers) / TICK


def _fields(pid: int) -> list[str]:
    """Of proc(5) stat, from the third (state) on; none if it has ended."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
