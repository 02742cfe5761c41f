"""Things for outdoors."""

from app.operate.demo.kinds.base import Kind, Story, Thing
from app.operate.demo.kinds.canvas import Canvas, Palette


def draw_flask(canvas: Canvas, colours: Palette) -> None:
    canvas.bow(0, -0.66, 0.16, 0.12, (180, 360), 0.05, colours.dark)
    canvas.box(0, -0.52, 0.2, 0.14, colours.dark, round=0.04)
    canvas.box(0, -0.34, 0.17, 0.05, "#c9cdd2")
    canvas.box(0, 0.26, 0.32, 0.54, colours.main, round=0.12)
    canvas.box(0, 0.62, 0.32, 0.05, colours.second)
    canvas.shape([(-0.2, 0.34), (-0.04, 0.06), (0.06, 0.2), (0.12, 0.12), (0.22, 0.34)], colours.light)
    canvas.box(-0.24, 0.2, 0.022, 0.36, "#ffffff70", round=0.02)


def draw_tent(canvas: Canvas, colours: Palette) -> None:
    canvas.line([(-0.72, 0.8), (0.1, -0.6)], 0.03, colours.dark)
    canvas.line([(0.72, 0.8), (-0.1, -0.6)], 0.03, colours.dark)
    canvas.shape([(0, -0.46), (0.72, 0.8), (-0.72, 0.8)], colours.main)
    canvas.shape([(0, -0.46), (0.3, 0.8), (-0.3, 0.8)], colours.dark)
    canvas.shape([(0, -0.46), (-0.08, 0.8), (-0.34, 0.8)], colours.light)
    canvas.shape([(0, -0.46), (0.72, 0.8), (0.5, 0.8)], colours.second)
    canvas.line([(-0.5, 0.2), (-0.78, 0.78)], 0.018, colours.second)


kind = Kind(
    name="outdoor",
    category="运动户外",
    shop="hill",
    things=(
        Thing("保温壶", draw_flask, "徒步", "六小时后水温仍在六十度上下。"),
        Thing("帐篷", draw_tent, "露营", "接缝压胶，小雨不漏，一个人能撑。"),
    ),
    manners=("山野长效", "速开双人", "窄身随行", "公园遮阳"),
    choice=("颜色", ("沙色", "松绿")),
    yuan=(69, 499),
    points=("收纳袋有提手，单手能拿。", "配件坏了可以单买。"),
    topics=("户外", "周末去哪儿"),
    stories=(
        Story("爬山带它，山顶还有热水", "早上六点灌的开水，中午泡面没问题。壶身有点沉，但是真的保温。"),
        Story("第一次露营，帐篷三分钟就开了", "一个人也能撑起来，收的时候按着说明折。晚上有露水，里面是干的。"),
        Story("杯架放得下的保温壶", "窄身这款终于能塞进单车的水壶架。盖子要拧到底，不然会渗。", rating=4),
        Story("公园草坪，躺了一下午", "遮阳够用，两个人坐着不挤。地钉比较短，风大的话挂上水桶。", rating=5),
    ),
    palettes=(4, 1, 6, 0),
    english={},
)
