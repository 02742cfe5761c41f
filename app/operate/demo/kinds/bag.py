"""Bags."""

from app.operate.demo.kinds.base import Kind, Story, Thing
from app.operate.demo.kinds.canvas import Canvas, Palette


def draw_tote(canvas: Canvas, colours: Palette) -> None:
    canvas.bow(0, -0.1, 0.28, 0.6, (180, 360), 0.06, colours.dark)
    canvas.shape([(-0.6, -0.12), (0.6, -0.12), (0.5, 0.8), (-0.5, 0.8)], colours.main)
    canvas.shape([(-0.6, -0.12), (0.6, -0.12), (0.58, 0.04), (-0.58, 0.04)], colours.second)
    canvas.box(0, 0.42, 0.22, 0.15, colours.light, round=0.03)
    canvas.line([(-0.12, 0.42), (0.12, 0.42)], 0.025, colours.dark)
    for x in (-0.28, 0.28):
        canvas.oval(x, -0.04, 0.035, 0.035, colours.dark)


def draw_backpack(canvas: Canvas, colours: Palette) -> None:
    canvas.bow(0, -0.6, 0.14, 0.14, (180, 360), 0.05, colours.dark)
    canvas.box(-0.54, 0.44, 0.1, 0.26, colours.second, round=0.08)
    canvas.box(0.54, 0.44, 0.1, 0.26, colours.second, round=0.08)
    canvas.box(0, 0.1, 0.5, 0.7, colours.main, round=0.26)
    canvas.bow(0, -0.04, 0.4, 0.36, (190, 350), 0.03, colours.dark)
    canvas.box(0, 0.46, 0.38, 0.26, colours.second, round=0.08)
    canvas.line([(-0.3, 0.32), (0.3, 0.32)], 0.03, colours.dark)
    canvas.box(0.2, 0.4, 0.03, 0.07, colours.light, round=0.02)


kind = Kind(
    name="bag",
    category="箱包",
    shop="mist",
    things=(
        Thing("托特包", draw_tote, "托特", "放得下十四寸电脑和一把伞，底是硬的。"),
        Thing("双肩包", draw_backpack, "双肩包", "电脑层有软垫，侧袋放得下大水壶。"),
    ),
    manners=("大容量帆布", "轻量防泼水", "撞色编织", "城市通勤"),
    choice=("颜色", ("燕麦", "墨绿", "焦糖")),
    yuan=(119, 369),
    points=("内袋有拉链，钥匙不乱跑。", "肩带加宽，背久了不勒。"),
    topics=("包包", "通勤好物"),
    stories=(
        Story(
            "包里翻一翻：上班族的{noun}", "电脑、水杯、折叠伞、饭盒都装得下，底是硬的，放桌上不会塌。空包不到四百克。"
        ),
        Story("下雨天，书一点没湿", "雨不大，走了十分钟，水珠一抖就掉。侧袋能放下大水壶，这点很难得。"),
        Story("编织包不是只有夏天能背", "两种颜色拼在一起，配黑大衣也不跳。东西多的时候会有点变形。", rating=4),
        Story(
            "A backpack that fits under the seat",
            "Three days away with only this. The laptop sleeve is padded and the straps did not cut in.",
            rating=5,
        ),
    ),
    palettes=(2, 0, 4, 6),
    english={3: "City Commuter Backpack 城市通勤双肩包"},
)
