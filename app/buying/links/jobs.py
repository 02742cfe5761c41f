"""What links do by themselves."""

from app.buying.links import actions
from app.core.worker import every


@every(seconds=600)
def forget_old_clicks() -> int:
    return actions.forget_old_clicks()
