"""How much memory each process of the town has: what is its alone, and what it shares.

RSS counts every page that a process can reach, those that it shares with others too; PSS divides each shared page among
those who share it, so that only PSS may be added up. Linux only: /proc/PID/smaps_rollup.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.proc import PROC, below, parents, words


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one process or of several of one kind, in kilobytes."""

    name: str
    processes: int
    rss: int
    pss: int


def memory(root: int, others: Sequence[tuple[str, int]] = ()) -> list[Memory]:
    """Of all that runs below the process `root`, and of `others`, (name, process) each with all below it."""
    known = parents()
    found: dict[str, list[int]] = {}
    for pid in below(root, known):
        found.setdefault(_name_of(pid, known), []).append(pid)
    for name, other in others:
        found.setdefault(name, []).extend(below(other, known))
    numbered = []
    for name, pids in found.items():
        if name == "web worker":
            numbered += [(f"{name} {place}", [pid]) for place, pid in enumerate(sorted(pids), 1)]
        elif name:
            numbered.append((name, pids))
    return sorted((_sum(name, pids) for name, pids in numbered), key=lambda one: one.name)


def _name_of(pid: int, known: dict[int, int]) -> str:
    """What a process is in the town; "" for what does not belong to it while it runs, or has ended."""
    called = words(pid)
    if "gunicorn" in called:
        return "web worker" if "gunicorn" in words(known[pid]) else "web master"
    if "worker" in called and "flask" in called:
        return "worker"
    if "app.core.server" in called:
        return "supervisor"
    program = Path(called[0].rstrip(":")).name if called else ""
    return {"postgres": "PostgreSQL", "postgres:": "PostgreSQL", "redis-server": "Redis"}.get(program, "")


def _sum(name: str, pids: Sequence[int]) -> Memory:
    rss = pss = 0
    for pid in pids:
        try:
            lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        sizes = {line.partition(":")[0]: line.split()[1] for line in lines[1:]}
        rss, pss = rss + int(sizes["Rss"]), pss + int(sizes["Pss"])
    return Memory(name, len(pids), rss, pss)
