"""Tea and coffee."""

from app.operate.demo.kinds.base import Kind, Story, Thing
from app.operate.demo.kinds.canvas import Canvas, Palette

LEAF = "#7f9f63"


def draw_tin(canvas: Canvas, colours: Palette) -> None:
    canvas.box(0, 0.2, 0.42, 0.6, colours.main, round=0.06)
    canvas.box(0, -0.48, 0.44, 0.16, colours.dark, round=0.06)
    canvas.box(0, -0.36, 0.44, 0.025, colours.second)
    canvas.oval(0, 0.24, 0.26, 0.3, colours.light)
    canvas.shape([(0, -0.0), (0.14, 0.2), (0.0, 0.46), (-0.14, 0.2)], LEAF)
    canvas.line([(0, 0.06), (0, 0.52)], 0.02, colours.light)
    canvas.box(-0.34, 0.2, 0.025, 0.5, "#ffffff60", round=0.02)


def draw_coffee_bag(canvas: Canvas, colours: Palette) -> None:
    canvas.shape([(-0.38, -0.6), (0.38, -0.6), (0.5, 0.8), (-0.5, 0.8)], colours.second)
    canvas.box(0, -0.6, 0.4, 0.09, colours.dark, round=0.02)
    canvas.box(0, 0.2, 0.3, 0.34, colours.light, round=0.04)
    for x, y in ((-0.1, 0.08), (0.1, 0.2), (-0.06, 0.34)):
        canvas.oval(x, y, 0.08, 0.11, colours.dark)
        canvas.line([(x, y - 0.08), (x, y + 0.08)], 0.018, colours.second)
    canvas.oval(0.0, -0.34, 0.05, 0.05, colours.table)


kind = Kind(
    name="tea",
    category="茶酒饮料",
    shop="grain",
    things=(
        Thing("茶 罐装", draw_tin, "喝茶", "今年的新货，附冲泡说明小卡。"),
        Thing("咖啡豆", draw_coffee_bag, "咖啡", "下单后再烘，袋上有烘焙日期。"),
    ),
    manners=("高山桂花乌龙", "中烘坚果", "陈年白牡丹", "水洗花香"),
    choice=("净含量", ("100g", "250g")),
    yuan=(45, 188),
    points=("密封保鲜。", "每批留样，可追溯。"),
    topics=("下午茶", "慢生活"),
    stories=(
        Story("办公室的桂花乌龙，第三泡最香", "九十度的水，第一泡快出。桂花香不是喷上去的那种，喝到淡还有甜。"),
        Story("在家做拿铁，豆子选它", "坚果味明显，加奶不会被盖住。磨细一点，小火摩卡壶也能出油脂。"),
        Story("白茶放一放更好喝", "保温壶里焖二十分钟，有枣香。茶叶碎的不多，罐子密封也好。", rating=5),
        Story(
            "Floral, light, and gone in a week",
            "Washed beans with a clear jasmine note. "
            "I grind them a little coarser for pour over and keep the water at 92.",
            rating=5,
        ),
    ),
    palettes=(1, 7, 0, 5),
    english={3: "Washed Floral Coffee Beans 水洗花香咖啡豆"},
)
