"""Jewellery."""

from app.operate.demo.kinds.base import Kind, Story, Thing
from app.operate.demo.kinds.canvas import Canvas, Palette

GOLD, SHINE = "#d9a84e", "#f6dd9c"


def draw_earrings(canvas: Canvas, colours: Palette) -> None:
    canvas.box(0, 0.1, 0.56, 0.7, colours.table, round=0.08)
    canvas.box(0, 0.08, 0.52, 0.66, colours.light, round=0.06)
    for x in (-0.24, 0.24):
        canvas.oval(x, -0.28, 0.05, 0.05, GOLD)
        canvas.bow(x, -0.1, 0.13, 0.16, (0, 360), 0.035, GOLD)
        canvas.oval(x, 0.2, 0.12, 0.15, colours.main)
        canvas.oval(x - 0.04, 0.15, 0.03, 0.045, "#ffffffa0")
    canvas.line([(-0.14, 0.58), (0.14, 0.58)], 0.02, colours.second)


def draw_necklace(canvas: Canvas, colours: Palette) -> None:
    half = ((0.16, -0.7), (0.22, -0.3), (0.62, 0.1), (0.5, 0.8))
    canvas.shape([*half, *((-x, y) for x, y in reversed(half))], colours.second)
    canvas.oval(0, -0.7, 0.16, 0.05, colours.dark)
    canvas.bow(0, -0.32, 0.3, 0.66, (12, 168), 0.035, GOLD)
    canvas.shape([(0, 0.26), (0.13, 0.44), (0, 0.66), (-0.13, 0.44)], colours.main)
    canvas.shape([(0, 0.26), (0.13, 0.44), (0, 0.44)], SHINE)


kind = Kind(
    name="jewel",
    category="首饰配饰",
    shop="mist",
    things=(
        Thing("耳环", draw_earrings, "耳环", "银耳针，不容易过敏。"),
        Thing("项链", draw_necklace, "项链", "链长四十厘米，另有五厘米可调。"),
    ),
    manners=("月光石水滴", "小方糖", "樱桃琉璃", "叠戴锁骨"),
    choice=("颜色", ("金色", "银色")),
    yuan=(39, 199),
    points=("电镀保色，避免碰香水。", "附绒布袋，送人体面。"),
    topics=("饰品", "送礼"),
    stories=(
        Story("显脸小的秘密，是一对{noun}", "水滴的长度刚好在下颌角上面。很轻，戴着开会忘了摘。"),
        Story("素颜出门也要戴的项链", "锁骨链长度可调，配圆领毛衣正好。睡觉忘了摘也没有断。"),
        Story("樱桃颜色比图片更透", "阳光下像真的果冻。耳针是银的，我这种容易发红的耳朵没事。", rating=5),
        Story("叠戴教程：三条就够", "一短一长，中间留一指宽。细链容易打结，收的时候记得扣好。"),
    ),
    palettes=(5, 0, 3, 7),
    english={},
)
