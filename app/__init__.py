"""The application: nine floors of rooms, found by looking, loaded in one order.

create_app loads the models, kinds, actions, jobs and doors of every room. That, and engines and gateways by importlib,
are the only dynamic imports of the house.
"""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from flask import Flask
from flask.cli import AppGroup
from flask_migrate import Migrate
from flask_smorest import Api

from app.core import cli, config, db, observability
from app.core.events import FLOORS
from app.core.http import setup

ORDER = ("models", "actions", "jobs", "api", "portal", "admin", "web", "cli")


def create_app() -> Flask:
    """A Flask app with every room's doors, set up from the environment (app/core/config)."""
    config.load()
    observability.set_up_logs()
    app = Flask(__name__, static_folder=None)
    db.init_app(app)
    modules = load_rooms()
    Migrate(app, db.db, compare_type=True, render_as_batch=False)
    api = setup.init_app(app)
    for module in modules:
        _register(app, api, module)
    cli.init_app(app)
    return app


def load_rooms() -> list[ModuleType]:
    """All modules of all rooms, imported file by file in the order of ORDER, floors from below."""
    rooms = list(room_names())
    return [
        importlib.import_module(f"{room}.{file}")
        for file in ORDER
        for room in rooms
        if importlib.util.find_spec(f"{room}.{file}") is not None
    ]


def room_names() -> Iterator[str]:
    """Names of the packages of all rooms ("app.store.orders"), floors from below."""
    for floor in FLOORS[1:]:
        if importlib.util.find_spec(f"app.{floor}") is None:
            continue
        package = importlib.import_module(f"app.{floor}")
        for found in pkgutil.iter_modules(package.__path__):
            if found.ispkg:
                yield f"app.{floor}.{found.name}"


def _register(app: Flask, api: Api, module: ModuleType) -> None:
    door = getattr(module, "door", None)
    if module.__name__.endswith(".api") and door is not None:
        api.register_blueprint(door.blueprint)
    elif door is not None:
        app.register_blueprint(door.blueprint)
    commands = getattr(module, "commands", None)
    if isinstance(commands, AppGroup):
        app.cli.add_command(commands)
