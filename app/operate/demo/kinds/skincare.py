"""Skin care."""

from app.operate.demo.kinds.base import Kind, Story, Thing
from app.operate.demo.kinds.canvas import Canvas, Palette


def draw_dropper(canvas: Canvas, colours: Palette) -> None:
    canvas.oval(0, -0.66, 0.13, 0.16, colours.dark)
    canvas.box(0, -0.42, 0.16, 0.13, colours.dark, round=0.03)
    canvas.box(0, -0.26, 0.11, 0.06, colours.second)
    canvas.box(0, 0.29, 0.36, 0.51, colours.main, round=0.12)
    canvas.box(0, 0.36, 0.26, 0.26, colours.light, round=0.03)
    canvas.line([(-0.14, 0.26), (0.14, 0.26)], 0.025, colours.main)
    canvas.line([(-0.14, 0.36), (0.06, 0.36)], 0.025, colours.second)
    canvas.box(-0.28, 0.28, 0.025, 0.4, "#ffffff70", round=0.02)


def draw_jar(canvas: Canvas, colours: Palette) -> None:
    canvas.box(0, 0.42, 0.6, 0.38, colours.second, round=0.14)
    canvas.box(0, 0.0, 0.63, 0.16, colours.dark, round=0.06)
    canvas.box(0, -0.05, 0.63, 0.03, "#ffffff40")
    canvas.oval(0, 0.45, 0.22, 0.2, colours.light)
    canvas.oval(0, 0.45, 0.1, 0.09, colours.main)
    canvas.box(-0.48, 0.44, 0.03, 0.24, "#ffffff80", round=0.03)


kind = Kind(
    name="skincare",
    category="护肤",
    shop="dew",
    things=(
        Thing("修护精华", draw_dropper, "精华", "质地清透，上脸几秒就吸收。"),
        Thing("保湿面霜", draw_jar, "面霜", "薄薄一层就够，不搓泥。"),
    ),
    manners=("积雪草", "燕麦角鲨烷", "烟酰胺透亮", "山茶花夜间"),
    choice=("规格", ("30ml", "50ml")),
    yuan=(89, 268),
    points=("不加香精和色素，换季也能用。", "开封后请在半年内用完。"),
    topics=("护肤", "敏感肌"),
    stories=(
        Story("换季泛红，靠这瓶{noun}稳住了", "早晚各两滴，先用手心焐热再按压。用到第二周，脸颊不再一吹风就发烫。"),
        Story(
            "干皮冬天的面霜，终于不搓泥", "薄薄一层就够，后面跟防晒也服帖。鼻翼起皮的地方多按几下，第二天上妆不卡粉。"
        ),
        Story("空瓶记：{good}", "坚持用完一整瓶再来说。肤色均匀了一点点，痘印淡得慢，但不刺激，会再买。", rating=4),
        Story("熬夜脸的周末救星", "周五晚上厚敷一层，睡醒脸是软的。味道很淡，不抢香水。", rating=5),
    ),
    palettes=(6, 1, 0, 3),
    english={},
)
