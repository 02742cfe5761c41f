"""Forms of staff about people."""

from app.core.fields import Choice, In, Text
from app.people.accounts.models import ROLES
from app.people.staff.queries import EVERYBODY, SHOWN


class PeopleQuery(In):
    """`q`: an id, or how a username or nickname begins."""

    q = Text(least=0, most=40, load_default="")
    show = Choice(*SHOWN, load_default=EVERYBODY)
    cursor = Text(most=500, least=0, load_default=None)


class SuspensionForm(In):
    """The person is told the reason."""

    reason = Text(most=500, required=True)


class ReasonForm(In):
    """A reason that only staff see, and that may be left out."""

    reason = Text(most=500, least=0, load_default="")


class RequiredReasonForm(In):
    """A reason that only staff see: who gives or takes a role says why."""

    reason = Text(most=500, required=True)


class RoleForm(RequiredReasonForm):
    role = Choice(*ROLES, required=True)
