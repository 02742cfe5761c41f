"""Names of people and shops, what they say of themselves, and where they live. All made up."""

from random import Random

from app.operate.crowd.kinds.chance import combined
from app.operate.crowd.kinds.wording import each

_FIRST = each(
    "小鹿 豆沙 青柠 南瓜 月亮 汤圆 海盐 柚子 荔枝 芝麻 松果 薄荷 糯米 布丁 山茶 栗子 桃子 橘猫 云朵 雨天 白桃 可可 "
    "麦芽 桂花 梧桐 星星 土豆 年糕 鲸鱼 杏仁 蓝莓 枇杷 乌龙 银杏 石榴 小满 阿树 早早 十一 木木 安安 圆圆 阿离 初七"
)
_LAST = each(
    "日记 同学 不睡觉 在路上 爱吃糖 的衣柜 的小屋 慢慢走 碎碎念 去旅行 和猫 的书桌 爱拍照 小姐 先生 的厨房 看海 研究所 "
    "不加冰 的周末 有点甜 收集者 想早睡 今天也开心 在种花 下午见 的抽屉 吃饱了"
)
_ENGLISH = each("Momo Lily Coco Nana Echo Mia Luna Kiki Bella Ivy Jo Yuki Ada Ruby Nora Zoe Tina Hana Mila Vera")
_BIOS = (
    "只写自己用过的。",
    "普通上班族，爱做功课。",
    "慢慢生活，认真花钱。",
    "两只猫的室友。",
    "租房第{n}年，小房间也要好看。",
    "成分党，敏感皮。",
    "158，小个子穿搭。",
    "周末都在山里。",
    "喝茶，看书，发呆。",
    "不接推广，随手记录。",
    "Coffee first, then everything else.",
    "喜欢把日子过得整齐一点。",
    "",
)
_KOL_BIOS = (
    "护肤与妆容，真实测评。合作请私信。",
    "穿搭博主，每天一套不重样。",
    "家居改造，六十平也能好看。",
    "户外十年，装备党。",
    "好吃的都写下来。",
    "文具与手账，写了十二本。",
)
_SHOP_FIRST = each(
    "晴野 半夏 拾光 北屿 南枝 朝暮 青瓦 白露 云栖 山行 初见 禾木 知微 漫野 浅草 听雨 松间 小满 鹿鸣 归岛 木棉 溪上 "
    "星野 暖屿 花间 麦田"
)
_SHOP_LAST = each("小铺 杂货 好物社 生活馆 集市 商店 制造局 选物 手作 工坊 百货 良品 研究室 小馆 货架 家 实验室 铺子")
_CITIES = (
    ("浙江省", "杭州市", "西湖区"),
    ("四川省", "成都市", "武侯区"),
    ("广东省", "广州市", "海珠区"),
    ("江苏省", "南京市", "玄武区"),
    ("上海市", "上海市", "徐汇区"),
    ("北京市", "北京市", "朝阳区"),
    ("湖北省", "武汉市", "武昌区"),
    ("陕西省", "西安市", "雁塔区"),
    ("福建省", "厦门市", "思明区"),
    ("山东省", "青岛市", "市南区"),
    ("湖南省", "长沙市", "岳麓区"),
    ("重庆市", "重庆市", "渝中区"),
)
_STREETS = each("灵竹路 玉兰巷 江燕里 青石街 望云路 松鹤弄 桂影街 听涛路 柳岸巷 白鹭街 石榴里 晚枫路")


def username(number: int) -> str:
    return f"crowd-{number:05d}"


def nickname(number: int) -> str:
    """Few alike: once the words are used up, a number tells them apart."""
    first, last = combined(number, len(_FIRST), len(_LAST))
    turn = number // (len(_FIRST) * len(_LAST))
    if number % 11 == 5:
        return f"{_ENGLISH[number % len(_ENGLISH)]} {_FIRST[first]}{turn or ''}"
    return f"{_FIRST[first]}{_LAST[last]}{turn or ''}"


def bio(number: int, is_kol: bool, chance: Random) -> str:
    return chance.choice(_KOL_BIOS if is_kol else _BIOS).format(n=number % 6 + 1)


def shop_name(number: int) -> str:
    first, last = combined(number, len(_SHOP_FIRST), len(_SHOP_LAST))
    turn = number // (len(_SHOP_FIRST) * len(_SHOP_LAST))
    return f"{_SHOP_FIRST[first]}{_SHOP_LAST[last]}{turn + 1 if turn else ''}"


def address(name: str, chance: Random) -> dict[str, str]:
    """Where somebody lives; the phone number is none that is given out."""
    province, city, district = chance.choice(_CITIES)
    street = f"{chance.choice(_STREETS)} {chance.randint(1, 199)} 号 {chance.randint(1, 30)}0{chance.randint(1, 4)}"
    phone = f"100{chance.randint(0, 99_999_999):08d}"
    return {"name": name, "phone": phone, "province": province, "city": city, "district": district, "street": street}
