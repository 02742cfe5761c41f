"""To supply others, who sell its goods as theirs or give them away: samples are looked at before."""

from app.store.onboarding.kinds.base import NUMBER, PICTURE, Field, Kind, is_credit_code, is_phone
from app.store.onboarding.models import (
    APPLIED,
    APPROVE,
    APPROVED,
    ASK,
    CHECK,
    FILE,
    NEEDS_CHANGES,
    REFUSE,
    REFUSED,
    RESUME,
    SAMPLE_CHECK,
    SUPPLIER,
    SUSPEND,
    SUSPENDED,
)

kind = Kind(
    SUPPLIER,
    "供应商申请",
    "To supply",
    fields=(
        Field("legal_name", "企业名称", "Registered name"),
        Field("credit_code", "统一社会信用代码", "Unified social credit code", is_right=is_credit_code),
        Field("licence", "营业执照照片", "Picture of the business licence", PICTURE),
        Field("brands", "供应的品牌", "Brands supplied"),
        Field("brand_paper", "品牌授权书照片", "Picture of the brand authorisation", PICTURE),
        Field("ships_from", "发货地址", "Where goods are shipped from"),
        Field("returns_to", "退货地址", "Where returns go"),
        Field("phone", "联系电话", "Phone", NUMBER, is_right=is_phone),
        Field("report", "质检报告照片", "Picture of a quality report", PICTURE, required=False),
        Field("samples", "样品运单号", "Tracking number of the samples", required=False),
    ),
    steps={
        FILE: ((APPLIED, SAMPLE_CHECK, NEEDS_CHANGES, REFUSED), APPLIED),
        CHECK: ((APPLIED,), SAMPLE_CHECK),
        APPROVE: ((SAMPLE_CHECK,), APPROVED),
        ASK: ((APPLIED, SAMPLE_CHECK), NEEDS_CHANGES),
        REFUSE: ((APPLIED, SAMPLE_CHECK), REFUSED),
        SUSPEND: ((APPROVED,), SUSPENDED),
        RESUME: ((SUSPENDED,), APPROVED),
    },
    ends=SUSPENDED,
)
