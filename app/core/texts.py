"""Chinese for the field errors that marshmallow words in English. Unknown ones stay English."""

import re
from collections.abc import Mapping
from typing import Any

_EXACT = {
    "Missing data for required field.": "必填",
    "Field may not be null.": "不能为空",
    "Not a valid string.": "须为文字",
    "Not a valid integer.": "须为整数",
    "Not a valid number.": "须为数字",
    "Not a valid boolean.": "须为 true 或 false",
    "Not a valid list.": "须为列表",
    "Not a valid UUID.": "编号格式不对",
    "Not a valid datetime.": "时间格式不对",
    "Not a valid mapping type.": "须为对象",
    "Invalid input type.": "格式不对",
    "Must not be blank.": "不能为空白",
    "Needs a time zone.": "时间须带时区",
    "Has characters that cannot be stored.": "含有无法保存的字符",
}
_SHAPES = [
    (re.compile(r"^Must be one of: (.+)\.$"), r"须为其中之一：\1"),
    (re.compile(r"^Longer than maximum length (\d+)\.$"), r"最多 \1"),
    (re.compile(r"^Shorter than minimum length (\d+)\.$"), r"最少 \1"),
    (re.compile(r"^Length must be between (\d+) and (\d+)\.$"), r"长度须在 \1 到 \2 之间"),
    (re.compile(r"^Must be greater than or equal to (\S+) and less than or equal to (\S+)\.$"), r"须在 \1 到 \2 之间"),
    (re.compile(r"^Must be greater than or equal to (\S+)\.$"), r"不能小于 \1"),
]


def in_chinese(english: str, chinese: str) -> str:
    """Say what a field error of a room is in Chinese; answers the English one, for the validator."""
    _EXACT[english] = chinese
    return english


def in_language(errors: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Field errors in the person's language; "zh" or "en"."""
    return {str(name): _worded(value, language) for name, value in errors.items()}


def _worded(value: Any, language: str) -> Any:
    if isinstance(value, Mapping):
        if value.keys() == {"zh", "en"}:
            return value[language]
        return in_language(value, language)
    if isinstance(value, list):
        return [_worded(one, language) for one in value]
    if isinstance(value, str) and language == "zh":
        return _chinese(value)
    return value


def _chinese(message: str) -> str:
    if message in _EXACT:
        return _EXACT[message]
    for shape, chinese in _SHAPES:
        if shape.match(message):
            return shape.sub(chinese, message)
    return message
