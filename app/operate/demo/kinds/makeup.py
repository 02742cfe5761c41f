"""Make-up."""

from app.operate.demo.kinds.base import Kind, Story, Thing
from app.operate.demo.kinds.canvas import Canvas, Palette


def draw_lip_glaze(canvas: Canvas, colours: Palette) -> None:
    canvas.box(-0.2, -0.28, 0.15, 0.42, colours.dark, round=0.05)
    canvas.box(-0.2, 0.44, 0.17, 0.36, colours.main, round=0.06)
    canvas.box(-0.29, 0.44, 0.025, 0.26, "#ffffff80", round=0.02)
    canvas.box(0.3, 0.58, 0.15, 0.22, colours.dark, round=0.05)
    canvas.line([(0.3, 0.36), (0.3, -0.1)], 0.035, colours.dark)
    canvas.shape([(0.24, -0.12), (0.3, -0.46), (0.36, -0.12)], colours.main)
    canvas.oval(0.3, -0.14, 0.06, 0.06, colours.main)


def draw_compact(canvas: Canvas, colours: Palette) -> None:
    canvas.oval(0, -0.22, 0.5, 0.5, colours.dark)
    canvas.oval(0, -0.22, 0.43, 0.43, "#dfeaf0")
    canvas.shape([(-0.3, -0.02), (0.16, -0.58), (0.28, -0.5), (-0.2, 0.1)], "#ffffff90")
    canvas.box(0, 0.31, 0.2, 0.05, colours.dark)
    canvas.oval(0, 0.56, 0.62, 0.24, colours.dark)
    canvas.oval(0, 0.53, 0.54, 0.18, colours.main)
    canvas.bow(0, 0.53, 0.3, 0.09, (180, 360), 0.025, colours.second)


kind = Kind(
    name="makeup",
    category="彩妆",
    shop="dew",
    things=(
        Thing("唇釉", draw_lip_glaze, "口红", "成膜快，不黏头发。"),
        Thing("腮红", draw_compact, "腮红", "粉质细，叠涂不结块。"),
    ),
    manners=("雾面丝绒", "蜜桃乌龙", "镜光水润", "落日双色"),
    choice=("色号", ("01 豆沙", "02 红茶", "03 蜜橘")),
    yuan=(49, 139),
    points=("随身大小，补妆方便。", "三个颜色都偏日常。"),
    topics=("彩妆", "日常妆容"),
    stories=(
        Story("黄皮试色：豆沙这支素颜也能涂", "没打底直接上嘴，气色一下就回来了。成膜后喝水不太掉，饭后补一层就好。"),
        Story("蜜桃色腮红，扫两下就够", "粉很细，手重的人也不容易翻车。我喜欢顺手带一点到鼻尖，像刚跑完步。"),
        Story("水光感的口红，我给四颗星", "刚涂完很亮，不黏头发。两小时后光泽会退，底色留得还算均匀。", rating=4),
        Story(
            "Two tones, one very easy blush",
            "Peach on the cheeks, the deeper side as a soft eyeshadow. Five minutes in the morning and I am done.",
            rating=5,
        ),
    ),
    palettes=(3, 0, 7, 4),
    english={3: "Sunset Duo Blush 落日双色腮红"},
)
