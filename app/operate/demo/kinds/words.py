"""Words that fit goods of every kind: what ends a post, what people answer, where they live."""

CLOSINGS = (
    "有问题评论区见。",
    "不踩雷，放心看。",
    "链接放在图上了，按需买。",
    "自己花钱买的，不是推广。",
    "先收藏，大促再看价格。",
    "你们还想看什么？",
    "",
    "",
)
ENGLISH_CLOSINGS = ("Ask me anything below.", "Paid for it myself.", "The tag on the picture takes you there.")
SECOND = "旁边的「{good}」也是我在用的，一起标在图上了。"
COMMENTS = (
    "收藏了，等发工资。",
    "颜色实物也是这样吗？",
    "求更多细节图！",
    "我也在用，真的不错。",
    "看完就下单了，等快递。",
    "写得好认真，谢谢分享。",
    "有没有平替呀？",
    "图好好看，光线是早上吗？",
    "上次买错了型号，这次照着买。",
    "送朋友合适吗？",
    "So pretty! Does it ship fast?",
    "蹲一个长期使用反馈。",
    "被你种草了。",
    "价格还可以接受。",
    "刚到货，和描述一致。",
)
MERCHANT_ANSWER = "谢谢喜欢，有尺码或使用问题可以直接问店铺。"
CITIES = (
    ("浙江省", "杭州市", "西湖区", "灵竹路 18 号 3 幢 502"),
    ("四川省", "成都市", "武侯区", "玉兰巷 7 号"),
    ("广东省", "广州市", "海珠区", "江燕里 26 号 1104"),
    ("江苏省", "南京市", "玄武区", "青石街 3 号 2 单元 601"),
)
"""Province, city, district, and a street that we made up."""


def address(name: str, number: int) -> dict[str, str]:
    """Where somebody lives; the phone number is none that is given out."""
    province, city, district, street = CITIES[number % len(CITIES)]
    phone = f"1000000{number:04d}"
    return {"name": name, "phone": phone, "province": province, "city": city, "district": district, "street": street}
