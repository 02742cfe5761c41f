"""The people and shops of the town, and the pictures that people wear."""

from dataclasses import dataclass
from io import BytesIO

from app.operate.demo.kinds.canvas import PALETTES, Canvas

DEMO = ("reader", "kol", "merchant", "moderator", "admin")
"""Those whose passwords are told to whoever runs the server."""
AVATAR_SIZE = (240, 240)


@dataclass(frozen=True)
class Citizen:
    """One of the town's people. `ears`: round, pointed or none; `role`: what he may do beyond others."""

    key: str
    nickname: str
    bio: str
    colours: int
    ears: str = ""
    role: str = ""
    writes: bool = False

    @property
    def username(self) -> str:
        """Nobody else is likely to want this one."""
        return f"demo-{self.key}"


PEOPLE = (
    Citizen("reader", "慢慢看的小满", "爱逛，也爱做功课。", 1, "round"),
    Citizen("kol", "阿棠爱分享", "护肤、穿搭和一点点生活。只写自己用过的。", 3, "pointed", role="kol", writes=True),
    Citizen("merchant", "雾里衣橱掌柜", "做衣服第六年，尺码问题随时问我。", 7),
    Citizen("moderator", "社区值班员", "有事请举报，看到就处理。", 2, "round", role="moderator"),
    Citizen("admin", "站长", "管机器的人。", 6, role="admin"),
    Citizen("deer", "林间小鹿", "周末都在山里。", 4, "pointed", writes=True),
    Citizen("bun", "豆沙包", "吃货，预算有限。", 0, "round", writes=True),
    Citizen("rain", "下雨也出门", "租房第三年，小房间也要好看。", 2, writes=True),
    Citizen("momo", "Momo in Town", "Half in English, half in milk tea.", 5, "round", writes=True),
    Citizen("lime", "一颗青柠", "成分党，开了一家小铺。", 1, "pointed"),
    Citizen("chen", "老陈泡茶", "茶和点心，都是自己先吃。", 7, "round"),
    Citizen("nora", "Nora 的书桌", "纸、笔、灯，和半山的好东西。", 6),
    Citizen("mimi", "糯米和猫", "两只猫的室友。", 3, "pointed", writes=True),
)


@dataclass(frozen=True)
class ShopPlan:
    """A shop; `owner` is the key of a citizen."""

    key: str
    name: str
    owner: str


SHOPS = (
    ShopPlan("mist", "雾里衣橱", "merchant"),
    ShopPlan("dew", "晨露小铺", "lime"),
    ShopPlan("grain", "谷雨食集", "chen"),
    ShopPlan("hill", "半山有货", "nora"),
)


def stranger(number: int) -> Citizen:
    """Somebody with one of 24 faces."""
    ears = ("round", "pointed", "")[number // len(PALETTES) % 3]
    return Citizen(f"stranger-{number}", "", "", number % len(PALETTES), ears)


def avatar_picture(citizen: Citizen) -> BytesIO:
    """A JPEG of a friendly face."""
    colours = PALETTES[citizen.colours]
    canvas = Canvas(*AVATAR_SIZE, colours.second)
    canvas.oval(0, 1.0, 0.7, 0.5, colours.dark)
    for side in (-1, 1):
        if citizen.ears == "round":
            canvas.oval(0.42 * side, -0.42, 0.2, 0.2, colours.main)
        elif citizen.ears == "pointed":
            canvas.shape([(0.14 * side, -0.44), (0.52 * side, -0.84), (0.56 * side, -0.2)], colours.main)
    canvas.oval(0, 0.02, 0.58, 0.56, colours.light)
    canvas.bow(0, -0.06, 0.56, 0.5, (195, 345), 0.14, colours.main)
    for side in (-1, 1):
        canvas.oval(0.2 * side, 0.02, 0.05, 0.07, colours.dark)
        canvas.oval(0.34 * side, 0.18, 0.1, 0.06, colours.main + "70")
    canvas.bow(0, 0.14, 0.12, 0.1, (20, 160), 0.035, colours.dark)
    return canvas.jpeg()
