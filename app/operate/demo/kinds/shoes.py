"""Shoes."""

from app.operate.demo.kinds.base import Kind, Story, Thing
from app.operate.demo.kinds.canvas import Canvas, Palette


def draw_loafer(canvas: Canvas, colours: Palette) -> None:
    top = [(-0.64, 0.1), (-0.28, 0.1), (-0.1, 0.24), (0.3, 0.3), (0.58, 0.4), (0.7, 0.52)]
    canvas.shape([*top, (0.72, 0.66), (-0.66, 0.66)], colours.main)
    canvas.oval(-0.46, 0.1, 0.18, 0.08, colours.dark)
    canvas.shape([(-0.1, 0.22), (0.14, 0.27), (0.04, 0.52), (-0.2, 0.48)], colours.second)
    canvas.line([(-0.08, 0.38), (0.02, 0.4)], 0.04, colours.dark)
    canvas.box(0.03, 0.7, 0.7, 0.06, colours.dark, round=0.05)
    canvas.box(-0.49, 0.76, 0.18, 0.06, colours.dark, round=0.02)


def draw_canvas_shoe(canvas: Canvas, colours: Palette) -> None:
    upper = [(-0.62, -0.36), (-0.14, -0.36), (0.0, 0.1), (0.4, 0.3), (0.68, 0.46), (0.68, 0.62), (-0.62, 0.62)]
    canvas.shape(upper, colours.main)
    canvas.oval(0.54, 0.56, 0.2, 0.16, colours.light)
    canvas.line([(-0.62, -0.32), (-0.16, -0.32)], 0.06, colours.second)
    for step in range(4):
        x, y = -0.12 + 0.13 * step, -0.14 + 0.15 * step
        canvas.line([(x - 0.12, y + 0.08), (x + 0.06, y)], 0.04, colours.light)
    canvas.oval(-0.4, 0.06, 0.13, 0.13, colours.light)
    canvas.oval(-0.4, 0.06, 0.07, 0.07, colours.second)
    canvas.box(0.04, 0.69, 0.7, 0.11, colours.light, round=0.08)
    canvas.line([(-0.62, 0.69), (0.7, 0.69)], 0.025, colours.main)


kind = Kind(
    name="shoes",
    category="鞋靴",
    shop="mist",
    things=(
        Thing("乐福鞋", draw_loafer, "乐福鞋", "头层皮面，不用磨合。"),
        Thing("帆布鞋", draw_canvas_shoe, "帆布鞋", "加厚鞋垫，走一天也不累。"),
    ),
    manners=("软底牛皮", "奶油配色", "一脚蹬", "高帮做旧"),
    choice=("鞋码", ("36", "37", "38", "39")),
    yuan=(129, 399),
    points=("鞋底可弯折，走路不硌脚。", "脚背偏高可以选大半码。"),
    topics=("鞋子", "舒服好走"),
    stories=(
        Story("走了一万五千步，脚后跟没有破", "第一天贴了创可贴以防万一，结果没用上。皮面比较软，不用磨合。"),
        Story("奶油色{noun}，配什么都不累", "颜色比图片暖一点，配牛仔裤最顺眼。鞋带不容易散，这点我很满意。"),
        Story("懒人的早晨，省下系鞋带的时间", "站着就能穿进去。脚背高的人会有点紧，建议大半码。", rating=4),
        Story("旧旧的才好看", "高帮包住脚踝，秋天正好。鞋底边缘有意做成米色，不怕脏。"),
    ),
    palettes=(7, 3, 2, 0),
    english={},
)
