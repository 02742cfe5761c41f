"""The project's own source as parsed files, for the house rules."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FLOORS = ("people", "store", "plays", "buying", "community", "growth", "discover", "operate")
FAMILIES = {"kinds", "gateways", "channels", "carriers"}
FILES = {
    "__init__.py", "events.py", "models.py", "queries.py", "actions.py", "schemas.py", "jobs.py",
    "api.py", "portal.py", "admin.py", "web.py", "cli.py",
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One Python file."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def module(self) -> str:
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def room(self) -> str:
        """ "app.store.orders" for a file in that room, "" elsewhere."""
        parts = self.module.split(".")
        return ".".join(parts[:3]) if len(parts) >= 3 and parts[0] == "app" and parts[1] in FLOORS else ""

    @property
    def file(self) -> str:
        return self.path.name

    @property
    def in_family(self) -> bool:
        return self.path.parent.name in FAMILIES

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.text)

    def imports(self) -> Iterator[tuple[str, int]]:
        """(module or module.name, line) of every import."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for one in node.names:
                    yield one.name, node.lineno
            elif isinstance(node, ast.ImportFrom) and node.module:
                for one in node.names:
                    yield f"{node.module}.{one.name}", node.lineno


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def sources(*folders: str) -> list[Source]:
    """All Python files below these folders of the project."""
    return [
        Source(path, path.read_text(encoding="utf-8"))
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]


def functions(source: Source) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef):
            yield node
