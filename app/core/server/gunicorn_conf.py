"""How the web server runs: `gunicorn -c python:app.core.server.gunicorn_conf wsgi:app`.

docs/deploy.md lists the variables.
"""

import ctypes
import gc
import os
import resource
import signal
import sys
from pathlib import Path

from app.core.server.patient_worker import PatientWorker, forget

worker_class = "app.core.server.patient_worker.PatientWorker"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))

# Open at once in a process, idle ones too; of those the oldest go when it is nearly full.
worker_connections = int(os.environ.get("WEB_CONNECTIONS", "1000"))

# The application is loaded once and shared by all workers: one that is killed is replaced in milliseconds instead of
# seconds of processor, and they share its memory. Nothing in it connects, and no thread lives, before the first
# request.
preload_app = True

# A worker whose main loop stands still this long is killed; a slow request in a thread is not.
timeout = int(os.environ.get("WEB_TIMEOUT_SECONDS", "30"))
# How long running requests may go on after SIGTERM.
graceful_timeout = int(os.environ.get("WEB_GRACEFUL_SECONDS", "10"))
# Longer than the idle limit of a proxy in front, so that the proxy is the one who hangs up.
keepalive = int(os.environ.get("WEB_KEEPALIVE_SECONDS", "75"))

# The heartbeat file: on a slow disk it could stop the worker's loop.
_shared_memory = Path("/dev") / "shm"
worker_tmp_dir = str(_shared_memory) if os.access(_shared_memory, os.W_OK) else None

# The most that gunicorn takes, so that a query too long is refused by its field's limit, with the field named.
limit_request_line = 8190
# Never: with gthread a restart under load resets connections.
max_requests = 0
# No forwarded header counts here: the application decides by TRUSTED_PROXIES.
forwarded_allow_ips = ""
control_socket_disable = True


def files_wanted(soft: int, hard: int) -> int:
    """How many files a process may open, by its limits (RLIMIT_NOFILE): one for each connection and for what each asks,
    as far as the system allows; its usual 1024 would not do."""
    enough = 4 * worker_connections + 1024
    if soft == resource.RLIM_INFINITY or soft >= enough:
        return soft
    return enough if hard == resource.RLIM_INFINITY else min(hard, enough)


def when_ready(server: object) -> None:
    """Before the first fork: the workers may open as many files as they have connections; and the collector leaves
    alone what is loaded by now, so that its pages stay shared."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files_wanted(soft, hard), hard))
    gc.collect()
    gc.freeze()


def child_exit(server: object, worker: PatientWorker) -> None:
    """However it ended: its connections are no reason for others to wait."""
    forget(worker.age)


def post_fork(server: object, worker: object) -> None:
    """A worker ends with its master, even by kill -9, and frees the port at once."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
