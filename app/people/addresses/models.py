"""Tables of addresses, and the names of provinces and cities."""

import re
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id
from search.text import fold

MOST_ADDRESSES = 20
PLACE = ("name", "phone", "province", "city", "district", "street")
"""The parts of an address as an order keeps it."""

PROVINCES = {
    **{"北京": "Beijing", "天津": "Tianjin", "河北": "Hebei", "山西": "Shanxi", "内蒙古": "Inner Mongolia"},
    **{"辽宁": "Liaoning", "吉林": "Jilin", "黑龙江": "Heilongjiang", "上海": "Shanghai", "江苏": "Jiangsu"},
    **{"浙江": "Zhejiang", "安徽": "Anhui", "福建": "Fujian", "江西": "Jiangxi", "山东": "Shandong"},
    **{"河南": "Henan", "湖北": "Hubei", "湖南": "Hunan", "广东": "Guangdong", "广西": "Guangxi", "海南": "Hainan"},
    **{"重庆": "Chongqing", "四川": "Sichuan", "贵州": "Guizhou", "云南": "Yunnan", "西藏": "Tibet"},
    **{"陕西": "Shaanxi", "甘肃": "Gansu", "青海": "Qinghai", "宁夏": "Ningxia", "新疆": "Xinjiang"},
    **{"香港": "Hong Kong", "澳门": "Macao", "台湾": "Taiwan"},
}
"""The 34 divisions of the first level: short name to English name. There is no other list of them."""
_OTHER_NAMES = {
    "内蒙古": ["neimenggu", "neimongol"],
    "西藏": ["xizang"],
    "香港": ["xianggang"],
    "澳门": ["macau", "aomen"],
}
_NOT_PROVINCES = {
    **dict.fromkeys(("北京", "天津", "上海", "重庆"), "市"),
    **dict.fromkeys(("内蒙古", "西藏"), "自治区"),
    **dict.fromkeys(("香港", "澳门"), "特别行政区"),
    "广西": "壮族自治区",
    "宁夏": "回族自治区",
    "新疆": "维吾尔自治区",
}
_FULL_ENDINGS = ("", *set(_NOT_PROVINCES.values()), "省", "特区")
_ENGLISH_ENDINGS = [
    *("", "province", "sheng", "municipality", "city", "shi", "sar", "specialadministrativeregion"),
    *(
        people + region
        for people in ("", "zhuang", "zhuangzu", "hui", "huizu", "uygur", "uyghur", "uighur", "weiwuer")
        for region in ("autonomousregion", "zizhiqu", "ar")
    ),
]


def _spellings(short: str, english: str) -> list[str]:
    names = [english.replace(" ", "").lower(), *_OTHER_NAMES.get(short, ())]
    return [short + one for one in _FULL_ENDINGS] + [name + one for name in names for one in _ENGLISH_ENDINGS]


_SPELT = {spelt: short for short, english in PROVINCES.items() for spelt in _spellings(short, english)}
_PEOPLES = (
    *("蒙古", "柯尔克孜", "哈萨克", "布依", "朝鲜", "土家", "哈尼", "傈僳", "景颇"),
    *("蒙", "藏", "回", "苗", "彝", "壮", "侗", "瑶", "白", "傣", "黎", "羌"),
)
_NAMED_AFTER = "(?:" + "|".join(_PEOPLES) + r")族{0,1}"
_PREFECTURE = re.compile(rf"(?:{_NAMED_AFTER})*(?:自治州|地区|盟|市|特别行政区)$")
"""What the name of a city or prefecture ends in, with the peoples that some are named after."""


def province_of(name: str) -> str | None:
    """The short name of a division of the first level, however it is written: 新疆维吾尔自治区, Xinjiang -> 新疆."""
    return _SPELT.get(name) or _SPELT.get(re.sub(r"[\W_]+", "", fold(name)))


def full_province(name: str) -> str | None:
    """Its full name, in which addresses keep it: Xinjiang -> 新疆维吾尔自治区; None for what is none."""
    short = province_of(name)
    return short and short + _NOT_PROVINCES.get(short, "省")


def city_of(name: str) -> str:
    """A city's name without its ending: 杭州市 -> 杭州, 伊犁哈萨克自治州 -> 伊犁."""
    wanted = "".join(name.split())
    return _PREFECTURE.sub("", wanted) or wanted


class Address(Model):
    """Where one person has goods sent. One of his is the default: it is taken where he names none."""

    __tablename__ = "addresses_addresses"
    __table_args__ = (
        Index("ix_addresses_addresses_person", "person_id", "created_at", "id"),
        Index("uq_addresses_addresses_default", "person_id", unique=True, postgresql_where=text("is_default")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"))
    name: Mapped[str]
    phone: Mapped[str]
    province: Mapped[str]
    city: Mapped[str]
    district: Mapped[str]
    street: Mapped[str]
    is_default: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @property
    def place(self) -> dict[str, str]:
        """The address as an order keeps it: what is written here later does not change it. Old ones have provinces as
        they were typed."""
        return {name: getattr(self, name) for name in PLACE} | {
            "province": full_province(self.province) or self.province
        }


_BUSY = ("默认地址刚被改过，请重试", "Your default has just been changed: try again.")
refuse_on("uq_addresses_addresses_default", 409, "busy", *_BUSY)
