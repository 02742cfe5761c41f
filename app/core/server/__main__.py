"""`python -m app.core.server`: what bin/up runs."""

from app.core.server.cli import up_command

up_command(prog_name="bin/up")
