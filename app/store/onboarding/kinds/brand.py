"""To bear a brand: as its own shop, or as one that it authorised."""

from app.store.onboarding.kinds.base import CHOICE, DATE, PICTURE, Field, Kind
from app.store.onboarding.models import (
    APPROVE,
    APPROVED,
    ASK,
    BRAND,
    EXPIRED,
    FILE,
    NEEDS_CHANGES,
    PENDING,
    REFUSE,
    REFUSED,
    RESUME,
    SUSPEND,
    SUSPENDED,
)

kind = Kind(
    BRAND,
    "品牌认证",
    "A brand",
    fields=(
        Field(
            "type",
            "店铺类型",
            "What the shop is of the brand",
            CHOICE,
            choices=(
                ("flagship", "旗舰店（品牌方自营）", "its flagship shop"),
                ("authorised", "授权店", "an authorised shop"),
            ),
        ),
        Field("trademark", "商标注册号", "Number of the trademark"),
        Field("paper", "商标注册证或品牌授权书照片", "Picture of the registration or authorisation", PICTURE),
        Field("granted_by", "授权方", "Authorised by", required=False),
        Field("valid_until", "授权有效期至", "Valid until", DATE),
    ),
    steps={
        FILE: ((PENDING, NEEDS_CHANGES, REFUSED, EXPIRED), PENDING),
        APPROVE: ((PENDING,), APPROVED),
        ASK: ((PENDING,), NEEDS_CHANGES),
        REFUSE: ((PENDING,), REFUSED),
        SUSPEND: ((APPROVED,), SUSPENDED),
        RESUME: ((SUSPENDED,), APPROVED),
    },
    has_name=True,
    ends=EXPIRED,
)
