"""Paper and pens."""

from app.operate.demo.kinds.base import Kind, Story, Thing
from app.operate.demo.kinds.canvas import Canvas, Palette


def draw_notebook(canvas: Canvas, colours: Palette) -> None:
    canvas.box(0.04, 0.12, 0.48, 0.66, colours.light, round=0.04)
    canvas.box(0, 0.1, 0.48, 0.68, colours.main, round=0.06)
    canvas.box(-0.4, 0.1, 0.08, 0.68, colours.dark, round=0.05)
    canvas.box(0.34, 0.1, 0.03, 0.68, colours.second)
    canvas.box(0.0, -0.16, 0.22, 0.14, colours.light, round=0.02)
    canvas.line([(-0.12, -0.2), (0.12, -0.2)], 0.02, colours.dark)
    canvas.line([(-0.12, -0.11), (0.05, -0.11)], 0.02, colours.second)
    canvas.shape([(0.1, 0.76), (0.18, 0.76), (0.18, 0.94), (0.14, 0.88), (0.1, 0.94)], colours.second)


def draw_pen(canvas: Canvas, colours: Palette) -> None:
    canvas.box(0, 0.66, 0.6, 0.14, colours.second, round=0.06)
    canvas.line([(-0.44, 0.42), (0.28, -0.44)], 0.17, colours.main)
    canvas.line([(0.1, -0.23), (0.5, -0.7)], 0.19, colours.dark)
    canvas.line([(0.18, -0.44), (0.44, -0.74)], 0.03, "#d9a84e")
    canvas.shape([(-0.5, 0.36), (-0.38, 0.46), (-0.62, 0.62)], "#d9a84e")
    canvas.line([(-0.62, 0.62), (-0.48, 0.46)], 0.014, colours.dark)


kind = Kind(
    name="stationery",
    category="图书文具",
    shop="hill",
    things=(
        Thing("手账本", draw_notebook, "手账", "一百六十页，纸张不透墨。"),
        Thing("钢笔", draw_pen, "钢笔", "附吸墨器一个，出水顺。"),
    ),
    manners=("平摊线装", "入门细尖", "方格布面", "透明示范"),
    choice=("款式", ("晨", "昏")),
    yuan=(25, 119),
    points=("礼盒包装，送同学合适。", "断货后要等下一批。"),
    topics=("文具", "书桌"),
    stories=(
        Story("写了一个月的{noun}，说说纸", "钢笔不洇，背面也能写。完全摊平，靠近中缝的地方不用压着。"),
        Story("第一支钢笔，这样选不踩坑", "细尖写作业刚好，出水顺。握位有一点纹路，手出汗也不滑。"),
        Story("布面会越用越好看", "方格很淡，写字画图都不抢。书签带是双股的，没有散线。", rating=5),
        Story(
            "A clear pen for people who like ink",
            "You can watch the ink go down. It writes a touch wet, so I keep blotting paper next to it.",
            rating=4,
        ),
    ),
    palettes=(2, 5, 1, 6),
    english={3: "Clear Demonstrator Fountain Pen 透明示范钢笔"},
)
