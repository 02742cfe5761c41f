"""How much memory each process of the town has: what is its alone, and what it shares.

RSS counts every page that a process can reach, those that it shares with others too; PSS divides each shared page among
those who share it, so that only PSS may be added up. Linux only: /proc/PID/smaps_rollup.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one process or of several of one kind, in kilobytes."""

    name: str
    processes: int
    rss: int
    pss: int


def memory(root: int, others: Sequence[tuple[str, int]] = ()) -> list[Memory]:
    """Of all that runs below the process `root`, and of `others`, (name, process) each with all below it."""
    parents = _parents()
    found: dict[str, list[int]] = {}
    for pid in _below(root, parents):
        found.setdefault(_name_of(pid, parents), []).append(pid)
    for name, other in others:
        found.setdefault(name, []).extend(_below(other, parents))
    numbered = []
    for name, pids in found.items():
        if name == "web worker":
            numbered += [(f"{name} {place}", [pid]) for place, pid in enumerate(sorted(pids), 1)]
        elif name:
            numbered.append((name, pids))
    return sorted((_sum(name, pids) for name, pids in numbered), key=lambda one: one.name)


def _parents() -> dict[int, int]:
    """The parent of each process."""
    found = {}
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            found[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended
    return found


def _below(root: int, parents: dict[int, int]) -> Iterator[int]:
    yield root
    for pid, parent in parents.items():
        if parent == root:
            yield from _below(pid, parents)


def _name_of(pid: int, parents: dict[int, int]) -> str:
    """What a process is in the town; "" for what does not belong to it while it runs, or has ended."""
    words = _words(pid)
    if "gunicorn" in words:
        return "web worker" if "gunicorn" in _words(parents[pid]) else "web master"
    if "worker" in words and "flask" in words:
        return "worker"
    if "app.core.server" in words:
        return "supervisor"
    program = Path(words[0].rstrip(":")).name if words else ""
    return {"postgres": "PostgreSQL", "postgres:": "PostgreSQL", "redis-server": "Redis"}.get(program, "")


def _words(pid: int) -> list[str]:
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").split()
    except OSError:
        return []


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
