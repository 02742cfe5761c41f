"""Things for the home."""

from app.operate.demo.kinds.base import Kind, Story, Thing
from app.operate.demo.kinds.canvas import Canvas, Palette


def draw_mug(canvas: Canvas, colours: Palette) -> None:
    for x, high in ((-0.2, 0.12), (0.04, 0.2)):
        canvas.bow(x, -0.36, 0.08, high, (90, 270), 0.03, "#ffffffa0")
    canvas.bow(0.46, 0.28, 0.22, 0.24, (270, 450), 0.09, colours.main)
    canvas.box(-0.06, 0.3, 0.48, 0.5, colours.main, round=0.12)
    canvas.oval(-0.06, -0.16, 0.48, 0.11, colours.dark)
    canvas.oval(-0.06, -0.15, 0.42, 0.08, "#8a5a3c")
    canvas.box(-0.06, 0.46, 0.48, 0.06, colours.light)
    canvas.box(-0.06, 0.6, 0.48, 0.03, colours.second)


def draw_vase(canvas: Canvas, colours: Palette) -> None:
    for lean, high, fill in ((-0.26, -0.62, colours.main), (0.02, -0.74, colours.second), (0.28, -0.58, colours.main)):
        canvas.line([(0, 0.06), (lean, high)], 0.022, "#7b9a72")
        for x, y in ((-0.09, 0), (0.09, 0), (0, -0.09), (0, 0.09)):
            canvas.oval(lean + x, high + y, 0.085, 0.085, fill)
        canvas.oval(lean, high, 0.055, 0.055, "#f4d06f")
    canvas.box(0, 0.1, 0.14, 0.16, colours.dark, round=0.04)
    canvas.oval(0, 0.48, 0.36, 0.32, colours.dark)
    canvas.bow(0, 0.48, 0.28, 0.2, (20, 160), 0.03, colours.second)


kind = Kind(
    name="homeware",
    category="家居日用",
    shop="hill",
    things=(
        Thing("马克杯", draw_mug, "杯子", "三百五十毫升，可以放洗碗机。"),
        Thing("花瓶", draw_vase, "插花", "窄口，三五枝就好看。"),
    ),
    manners=("手捏陶", "窄口素烧", "晨雾釉", "渐变琉璃"),
    choice=("颜色", ("奶白", "雾蓝", "苔绿")),
    yuan=(39, 159),
    points=("每一件釉色都略有不同。", "运输破损包赔。"),
    topics=("家居", "租房改造"),
    stories=(
        Story("换一只杯子，早餐就像样了", "杯口厚一点，喝热豆浆不烫嘴。手柄能放下三根手指，拿得稳。"),
        Story("不会插花的人，买窄口花瓶", "一次只插三枝，怎么放都好看。素烧的表面不反光，拍照很省心。"),
        Story("雾蓝色的杯子，我等到了补货", "釉面有细细的流动感，每只都不一样。微波炉热牛奶没问题。", rating=5),
        Story("窗台上的渐变色", "下午三点光照进来，桌上会有一小片绿。瓶口略小，清洗要用长刷。", rating=4),
    ),
    palettes=(6, 3, 2, 1),
    english={2: "Morning Mist Mug 晨雾釉马克杯"},
)
