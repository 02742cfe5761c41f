"""To sell: who is behind a shop."""

from app.store.onboarding.kinds.base import (
    CHOICE,
    NUMBER,
    PICTURE,
    Field,
    Kind,
    is_credit_code,
    is_id_number,
    is_phone,
)
from app.store.onboarding.models import (
    APPROVE,
    APPROVED,
    ASK,
    FILE,
    NEEDS_CHANGES,
    PENDING,
    REFUSE,
    REFUSED,
    RESUME,
    SHOP,
    SUSPEND,
    SUSPENDED,
)

kind = Kind(
    SHOP,
    "开店资质",
    "Papers of the shop",
    fields=(
        Field(
            "subject",
            "主体类型",
            "Who sells",
            CHOICE,
            choices=(("company", "企业", "a company"), ("sole_trader", "个体工商户", "a sole trader")),
        ),
        Field("legal_name", "主体名称", "Registered name"),
        Field("credit_code", "统一社会信用代码", "Unified social credit code", is_right=is_credit_code),
        Field("licence", "营业执照照片", "Picture of the business licence", PICTURE),
        Field("legal_person", "法定代表人或经营者姓名", "Name of the legal person or trader"),
        Field("id_number", "身份证号", "Identity card number", NUMBER, is_right=is_id_number),
        Field("id_front", "身份证人像面", "Identity card, front", PICTURE),
        Field("id_back", "身份证国徽面", "Identity card, back", PICTURE),
        Field("phone", "联系电话", "Phone", NUMBER, is_right=is_phone),
        Field("address", "经营地址", "Business address"),
        Field("permit", "行业许可证照片（如食品经营许可证）", "Picture of a permit (such as for food)", PICTURE, False),
    ),
    steps={
        FILE: ((PENDING, NEEDS_CHANGES, REFUSED), PENDING),
        APPROVE: ((PENDING,), APPROVED),
        ASK: ((PENDING,), NEEDS_CHANGES),
        REFUSE: ((PENDING,), REFUSED),
        SUSPEND: ((PENDING, NEEDS_CHANGES, APPROVED), SUSPENDED),
        RESUME: ((SUSPENDED,), APPROVED),
    },
)
