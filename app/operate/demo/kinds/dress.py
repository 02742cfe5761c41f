"""Clothes."""

from app.operate.demo.kinds.base import Kind, Story, Thing
from app.operate.demo.kinds.canvas import Canvas, Palette


def draw_dress(canvas: Canvas, colours: Palette) -> None:
    canvas.bow(0, -0.74, 0.08, 0.08, (180, 450), 0.025, colours.dark)
    canvas.line([(-0.3, -0.56), (0, -0.66), (0.3, -0.56)], 0.03, colours.dark)
    canvas.shape([(-0.26, -0.56), (-0.1, -0.5), (0.1, -0.5), (0.26, -0.56), (0.22, 0.0), (-0.22, 0.0)], colours.main)
    canvas.shape([(-0.22, 0.0), (0.22, 0.0), (0.56, 0.78), (-0.56, 0.78)], colours.main)
    canvas.box(0, 0.0, 0.23, 0.05, colours.dark)
    for x, end in ((-0.1, -0.26), (0.0, 0.0), (0.1, 0.26)):
        canvas.line([(x, 0.1), (end, 0.72)], 0.02, colours.second)


def draw_cardigan(canvas: Canvas, colours: Palette) -> None:
    canvas.shape([(-0.34, -0.52), (-0.72, 0.5), (-0.52, 0.58), (-0.26, 0.0)], colours.second)
    canvas.shape([(0.34, -0.52), (0.72, 0.5), (0.52, 0.58), (0.26, 0.0)], colours.second)
    canvas.box(0, 0.12, 0.4, 0.66, colours.main, round=0.08)
    canvas.shape([(-0.2, -0.56), (0.2, -0.56), (0, 0.06)], colours.light)
    canvas.line([(0, 0.06), (0, 0.76)], 0.02, colours.dark)
    canvas.box(0, 0.7, 0.4, 0.08, colours.second, round=0.04)
    for y in (0.16, 0.34, 0.52):
        canvas.oval(0.06, y, 0.035, 0.035, colours.light)
    canvas.box(-0.22, 0.44, 0.1, 0.09, colours.second, round=0.02)


kind = Kind(
    name="dress",
    category="女装",
    shop="mist",
    things=(
        Thing("连衣裙", draw_dress, "裙子", "裙摆有里衬，不透。"),
        Thing("针织开衫", draw_cardigan, "针织", "纱线软，贴身也不扎。"),
    ),
    manners=("法式碎褶", "软糯羊毛", "海风亚麻", "复古麻花"),
    choice=("尺码", ("S", "M", "L")),
    yuan=(159, 459),
    points=("版型微宽，不挑身材。", "面料做过预缩，可以手洗。"),
    topics=("穿搭", "通勤穿搭"),
    stories=(
        Story("一条裙子从上班穿到约会", "158 的个子穿 S 码，裙摆刚过膝。白天配平底鞋，晚上换一对耳环就能出门。"),
        Story("空调房里的那件{noun}", "不扎脖子，单穿也行。叠好放包里不占地方，皱了抖一抖就平。"),
        Story("海边三天，穿的都是它", "亚麻透气，海风一吹很好看。就是坐久了会有褶子，介意的话带个小挂烫。", rating=4),
        Story("奶奶衣柜里的花样，现在看正好", "麻花很立体，袖子稍长，挽起来更好看。洗过两次没有起球。", rating=5),
    ),
    palettes=(1, 4, 7, 2),
    english={2: "Sea Breeze Linen Dress 海风亚麻连衣裙"},
)
