"""What schemathesis loads beside the document (SCHEMATHESIS_HOOKS of test_fuzz.py)."""

import schemathesis
from schemathesis import Case, HookContext, Response


@schemathesis.hook
def filter_failure(context: HookContext, failure: Exception, case: Case, response: Response) -> bool:
    """A request line of more than 8190 bytes is refused by gunicorn, in its own words, before the house sees it."""
    return response.status_code != 414
