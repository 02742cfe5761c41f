"""Small electric things."""

from app.operate.demo.kinds.base import Kind, Story, Thing
from app.operate.demo.kinds.canvas import Canvas, Palette


def draw_desk_lamp(canvas: Canvas, colours: Palette) -> None:
    canvas.shape([(-0.5, -0.3), (0.2, -0.3), (0.52, 0.76), (-0.72, 0.76)], "#ffefb060")
    canvas.oval(0.3, 0.74, 0.34, 0.08, colours.dark)
    canvas.line([(0.3, 0.72), (0.44, 0.06), (-0.02, -0.48)], 0.06, colours.dark)
    canvas.oval(0.44, 0.06, 0.065, 0.065, colours.second)
    canvas.shape([(-0.26, -0.66), (0.06, -0.66), (0.26, -0.26), (-0.54, -0.26)], colours.main)
    canvas.oval(-0.14, -0.26, 0.4, 0.06, "#fff4cf")


def draw_humidifier(canvas: Canvas, colours: Palette) -> None:
    for x, y, wide in ((-0.06, -0.46, 0.13), (0.1, -0.62, 0.16), (-0.08, -0.76, 0.12)):
        canvas.oval(x, y, wide, wide * 0.8, "#ffffffb0")
    canvas.shape([(-0.1, -0.3), (0.1, -0.3), (0.46, 0.3), (-0.46, 0.3)], colours.light)
    canvas.oval(0, 0.34, 0.47, 0.44, colours.light)
    canvas.box(0, 0.68, 0.36, 0.12, colours.main, round=0.1)
    canvas.bow(0, 0.3, 0.36, 0.3, (200, 250), 0.035, colours.second)
    canvas.oval(0, 0.66, 0.05, 0.05, colours.light)


kind = Kind(
    name="lamp",
    category="家用电器",
    shop="hill",
    things=(
        Thing("台灯", draw_desk_lamp, "书桌", "三档亮度，光线均匀，没有频闪。"),
        Thing("加湿器", draw_humidifier, "加湿", "一箱水够用八小时，缺水自己停。"),
    ),
    manners=("护眼折叠", "静音大雾量", "奶油风无极调光", "水滴桌面"),
    choice=("颜色", ("白色", "浅绿")),
    yuan=(79, 299),
    points=("Type-C 供电，线长一米半。", "一年内坏了就换。"),
    topics=("租房好物", "小家电"),
    stories=(
        Story("书桌换灯之后，晚上不再眯眼", "最亮的一档能照到整本书，没有明显的圈。折起来比水杯还矮。"),
        Story("北方暖气房的小救星", "夜里几乎没声音，早上嗓子不干。三天换一次水，记得擦底。"),
        Story("调光旋钮太好转了", "从小夜灯到工作灯是连续的，拧着很上瘾。底座略轻，猫会推。", rating=4),
        Story("桌面上的一滴水", "雾很细，键盘没湿。水箱不大，一个下午加一次。", rating=4),
    ),
    palettes=(2, 6, 0, 1),
    english={},
)
