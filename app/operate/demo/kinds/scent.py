"""Scent."""

from app.operate.demo.kinds.base import Kind, Story, Thing
from app.operate.demo.kinds.canvas import Canvas, Palette


def draw_perfume(canvas: Canvas, colours: Palette) -> None:
    canvas.box(0, -0.5, 0.17, 0.2, colours.dark, round=0.04)
    canvas.box(0, -0.26, 0.09, 0.05, colours.table)
    canvas.box(0, 0.3, 0.46, 0.5, colours.second, round=0.08)
    canvas.box(0, 0.46, 0.4, 0.3, colours.main, round=0.05)
    canvas.box(0, 0.34, 0.2, 0.15, colours.light, round=0.02)
    canvas.line([(-0.1, 0.34), (0.1, 0.34)], 0.02, colours.dark)
    canvas.box(-0.36, 0.28, 0.025, 0.38, "#ffffff80", round=0.02)


def draw_candle(canvas: Canvas, colours: Palette) -> None:
    canvas.oval(0, -0.42, 0.3, 0.3, "#ffe9a850")
    canvas.shape([(-0.08, -0.34), (0, -0.66), (0.08, -0.34)], "#f5b443")
    canvas.oval(0, -0.32, 0.08, 0.09, "#f5b443")
    canvas.oval(0, -0.3, 0.04, 0.06, "#fff3c4")
    canvas.line([(0, -0.2), (0, -0.04)], 0.02, colours.dark)
    canvas.box(0, 0.36, 0.48, 0.44, colours.main, round=0.08)
    canvas.oval(0, -0.06, 0.46, 0.1, colours.light)
    canvas.box(0, 0.4, 0.28, 0.2, colours.light, round=0.02)
    canvas.line([(-0.14, 0.36), (0.14, 0.36)], 0.025, colours.dark)
    canvas.line([(-0.08, 0.46), (0.08, 0.46)], 0.02, colours.second)


kind = Kind(
    name="scent",
    category="香氛",
    shop="dew",
    things=(
        Thing("淡香水", draw_perfume, "香水", "留香大约四到六小时。"),
        Thing("香薰蜡烛", draw_candle, "香薰", "大豆蜡，燃烧约四十小时。"),
    ),
    manners=("雨后竹林", "橙花白茶", "木质书房", "无花果午后"),
    choice=("规格", ("小号", "大号")),
    yuan=(79, 329),
    points=("前调清爽，尾调柔和。", "附手写香卡一张。"),
    topics=("居家香氛", "氛围感"),
    stories=(
        Story("下过雨的竹林是什么味道", "第一下是湿湿的青草，十分钟后露出一点茶香。适合上班，不打扰邻座的人。"),
        Story("睡前点一支白茶味的蜡烛", "点之前先把灯芯剪短，烟会少很多。半小时房间就有淡淡的花香，很适合看书。"),
        Story(
            "木质香入门，这支不老气",
            "没有想象中的沉，像旧书店里晒过太阳的木架。冬天围巾上喷一下，第二天还闻得到。",
            rating=5,
        ),
        Story("无花果的甜，刚刚好", "不是糖果的甜，是叶子带一点奶。蜡面烧得很平，就是杯子拿着有点烫。", rating=4),
    ),
    palettes=(1, 4, 5, 0),
    english={},
)
