"""Words of posts, comments and reviews. {noun} is the kind of thing, {style} how it is made, {scene} when it was used,
{good} and {bad} what is said of it, {days} and {times} numbers."""

from app.operate.crowd.kinds.wording import each

TITLES = (
    "{scene}有了它，省心不少",
    "{style}{noun}，用了{days}天来说说",
    "终于找到合适的{noun}",
    "{scene}的好搭档：{style}{noun}",
    "被问了{times}次的{noun}，一次说清",
    "这件{noun}，我回购了",
    "{noun}怎么选？先看这三点",
    "不吹不黑，聊聊这款{style}{noun}",
    "预算有限，{noun}就买它",
    "{scene}前可以准备的东西：{noun}",
    "给自己买的{noun}，第{days}天",
    "{style}控看过来：{noun}",
    "朋友以为很贵的{noun}",
    "{noun}测评：优点{times}个，缺点一个",
    "一件{noun}用出三种心情",
    "{scene}随手拍，{noun}抢镜了",
    "对比了{times}家，最后留下这件{noun}",
    "小红榜：今年用得最久的{noun}",
    "{style}真的不挑人，{noun}实拍",
    "把{noun}换成{style}的之后",
)
ENGLISH_TITLES = (
    "{days} days with my {noun}",
    "The {noun} I keep reaching for",
    "Worth it? My honest take on the {noun}",
    "{times} friends asked about my {noun}",
    "Small things that help, part {times}: {noun}",
)
OPENINGS = (
    "先说结论：值得。",
    "{scene}的时候用上了，第一感觉是比图片好看。",
    "买之前做了很多功课，纠结了{days}天。",
    "这是我的第{times}件同类，终于不用再找了。",
    "不是推广，自己花钱买的。",
    "上周到货，{scene}的时候就用上了。",
    "朋友推荐的，本来没抱期待。",
    "{style}这种做法以前没试过，这次想换换。",
    "一直想要一件{style}的，等到了补货。",
    "用到第{days}天，来交作业。",
)
MIDDLES = (
    "{good}，这点最让我满意。",
    "细节也讲究，{good}。",
    "说两个真实感受：{good}；{good2}。",
    "优点很明显，{good}，而且{good2}。",
    "最打动我的一点：{good}。",
    "同价位里很少见：{good}。",
    "家里人也拿去用了，都说{good}。",
)
DOUBTS = ("要说不足，{bad}。", "唯一的小问题：{bad}。", "提醒一句，{bad}。", "缺点也讲清楚，{bad}。")
ENDINGS = (
    "链接标在图上了，按需买。",
    "有问题评论区见。",
    "先收藏，大促再看价格。",
    "下次再写写和别家的对比。",
    "你们还想看什么？",
    "图是下午四点拍的，没有加滤镜。",
    "适合不想折腾的人。",
    "喜欢{style}的可以放心。",
    "旁边那件也是我常用的，一起标出来了。",
    "就写到这里，明天继续用。",
)
ENGLISH_BODIES = (
    "{days} days in, and I would buy the {noun} again. Does what it says and looks good doing it.",
    "Bought it for one trip and took it on {times}. Nothing broke, nothing leaked, no regrets.",
    "Not sponsored. Everything came well packed, and the colour is a touch warmer than on the picture.",
    "If you only buy one thing this month, this is a safe choice. The tag on the picture takes you there.",
    "Three small things I like, one I do not. The finish is lovely; the box is far too big.",
)
REVIEW_TITLES = {
    5: ("会回购的{noun}", "{style}{noun}，五星没有犹豫", "等了{days}天，值得", "比期待的更好"),
    4: ("{noun}很好，差一点点完美", "四星给{style}{noun}", "满意，小瑕疵不影响", "用了{days}天的真实评价"),
    3: ("{noun}中规中矩", "对得起价格", "没有惊喜，也没有惊吓"),
    2: ("和想象的不太一样", "{noun}可能不适合我"),
    1: ("这次踩雷了", "有点失望的{noun}"),
}
FALLING_SHORT = {3: "用起来一般。", 2: "没有宣传的那么好。", 1: "到手就有问题，客服还在处理。"}
COMMENTS = (
    "我也在用，{good}。",
    "刚到货，{good}。",
    "想问{scene}的时候能用吗？",
    "{style}的我一直在找！",
    "我买的那件{bad}，你的有吗？",
    "第{times}次来看这篇了。",
    "同款，已经用了{days}天。",
    "这个角度拍得真好。",
    "博主每次推荐都好准。",
    "期待下一篇。",
    "学到了，原来还能这样。",
    "{noun}控表示很满意。",
    "码住，{scene}之前再看一遍。",
    "Love the colour. Thanks for the honest words.",
    "店家回复快吗？",
    "我妈也想要一件，哈哈。",
    "这个价格能买到{style}的，可以了。",
)
TOPICS = each(
    "好物分享 平价好物 开箱 真实测评 回购清单 一人居 租房好物 通勤好物 学生党 送礼 周末 生活碎片 "
    "提升幸福感 日常记录 小众好物 断舍离 极简生活 换季 打工人 礼物清单"
)
"""Topics beside those of the goods (app/operate/demo)."""
