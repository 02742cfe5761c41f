"""Things to eat."""

from app.operate.demo.kinds.base import Kind, Story, Thing
from app.operate.demo.kinds.canvas import Canvas, Palette

BAKED, CHIP = "#dba965", "#6b4226"


def draw_cookies(canvas: Canvas, colours: Palette) -> None:
    canvas.shape([(-0.66, 0.1), (0.66, 0.1), (0.56, 0.8), (-0.56, 0.8)], colours.main)
    canvas.shape([(-0.66, 0.1), (0.66, 0.1), (0.64, 0.24), (-0.64, 0.24)], colours.dark)
    for x, y in ((-0.34, -0.08), (0.34, -0.06), (0.0, -0.22)):
        canvas.oval(x, y, 0.3, 0.28, BAKED)
        for dx, dy in ((-0.12, -0.08), (0.08, -0.14), (0.02, 0.02), (0.15, 0.0), (-0.08, 0.1)):
            canvas.oval(x + dx, y + dy, 0.035, 0.03, CHIP)
    canvas.shape([(-0.65, 0.14), (0.65, 0.14), (0.56, 0.8), (-0.56, 0.8)], colours.main)
    canvas.oval(0, 0.48, 0.24, 0.18, colours.light)
    canvas.line([(-0.12, 0.48), (0.12, 0.48)], 0.025, colours.dark)


def draw_dried_fruit(canvas: Canvas, colours: Palette) -> None:
    canvas.shape([(-0.44, -0.62), (0.44, -0.62), (0.54, 0.8), (-0.54, 0.8)], colours.second)
    canvas.box(0, -0.62, 0.46, 0.1, colours.dark, round=0.03)
    canvas.oval(0, 0.2, 0.34, 0.4, colours.light)
    fruits = ((-0.14, 0.06, "#e8833a"), (0.12, 0.1, "#c0392b"), (0.0, 0.32, "#e6b23c"), (0.16, 0.38, "#e8833a"))
    for x, y, fill in fruits:
        canvas.oval(x, y, 0.13, 0.11, fill)
        canvas.bow(x, y, 0.08, 0.065, (200, 330), 0.02, "#ffffff90")


kind = Kind(
    name="snack",
    category="食品",
    shop="grain",
    things=(
        Thing("曲奇礼盒", draw_cookies, "曲奇", "小批现烤，当周发货。"),
        Thing("果干", draw_dried_fruit, "果干", "低温慢慢烘，没有糖霜。"),
    ),
    manners=("海盐黄油", "低温烘芒果", "伯爵红茶", "无糖山楂"),
    choice=("规格", ("单盒", "两盒装")),
    yuan=(29, 128),
    points=("配料表只有几行。", "独立小包，方便带出门。"),
    topics=("零食", "办公室零食"),
    stories=(
        Story("加班抽屉里最先空的那一盒", "咸甜口，吃三块就满足。黄油味很正，掉渣也掉得香。"),
        Story("芒果干终于不粘牙了", "厚切，有嚼劲，没有那层糖霜。给孩子当零食也放心些。"),
        Story("红茶味曲奇，茶味是真的", "能看到细细的茶末，配牛奶最好。盒子很漂亮，吃完拿来装发绳。", rating=5),
        Story("酸，但停不下来", "没加糖，第一口会皱眉，后面越嚼越香。胃不好的朋友少吃。", rating=4),
    ),
    palettes=(4, 0, 2, 3),
    english={},
)
