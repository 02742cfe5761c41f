"""Invoices as JSON and in forms."""

from marshmallow import fields, validate

from app.core.fields import Choice, Id, In, Moment, OrNone, Out, PageQuery, Text
from app.core.texts import in_chinese
from app.store.invoices.models import ISSUED, KINDS, REQUESTED

NOT_MAIL = in_chinese("Not a valid email address.", "邮箱格式不对")
NOT_WEB = in_chinese("Not a valid https address.", "须为 https 网址")
MAIL = r"^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$(?!\n)"


class InvoiceIn(In):
    """`tax_number`: a company's 统一社会信用代码."""

    kind = Choice(*KINDS, required=True)
    title = Text(most=100, required=True)
    tax_number = Text(most=30, least=0, load_default=None, allow_none=True)
    email = fields.String(required=True, validate=[validate.Length(max=200), validate.Regexp(MAIL, error=NOT_MAIL)])


class InvoiceIssueIn(In):
    number = Text(most=40, required=True)
    file_url = fields.String(
        load_default=None,
        allow_none=True,
        validate=[validate.Length(max=500), validate.Regexp(r"^https://[!-~]+$(?!\n)", error=NOT_WEB)],
    )


class InvoiceIssueForm(In):
    number = Text(most=40, required=True)
    file_url = OrNone(
        fields.String(validate=[validate.Length(max=500), validate.Regexp(r"^https://[!-~]+$(?!\n)", error=NOT_WEB)])
    )


class InvoiceWantedOut(Out):
    kind = Choice(*KINDS, required=True)
    title = fields.String(required=True)
    tax_number = fields.String(required=True, allow_none=True)
    email = fields.String(required=True)


class InvoiceOut(InvoiceWantedOut):
    id = Id(required=True)
    order_id = Id(required=True)
    state = Choice(REQUESTED, ISSUED, required=True)
    number = fields.String(required=True, allow_none=True)
    file_url = fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
    issued_at = Moment(required=True, allow_none=True)


class InvoicePage(Out):
    items = fields.List(fields.Nested(InvoiceOut), required=True)
    next = fields.String(required=True, allow_none=True)


class InvoicesQuery(PageQuery):
    state = Choice(REQUESTED, ISSUED, load_default=None)
