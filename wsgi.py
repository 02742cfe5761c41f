"""The front door: `gunicorn wsgi:app`, `flask --app wsgi ...`."""

from flask.cli import NoAppException

from app import create_app
from app.core.config import BadSettings

try:
    app = create_app()
except BadSettings as error:
    raise NoAppException(str(error)) from error
