"""Random secrets of one installation, made once, kept in a file that only its owner can read."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

NAMES = ("SECRET_KEY", "SANDBOX_SECRET", "EMBEDDED_DATABASE_PASSWORD")


def load_secrets(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The values for NAMES: from the environment, else from `folder`/secrets.env, else new ones, kept there."""
    path = folder / "secrets.env"
    kept = _read(path)
    missing = [name for name in NAMES if name not in kept]
    if missing:
        kept |= {name: secrets.token_hex(32) for name in missing}
        _write(path, kept)
    return {name: environment.get(name) or kept[name] for name in NAMES}


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    path.chmod(0o600)
    lines = (line.partition("=") for line in path.read_text().splitlines() if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in lines}


def _write(path: Path, values: Mapping[str, str]) -> None:
    """Whole or not at all: a file aside, then renamed."""
    aside = path.with_suffix(".new")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)
