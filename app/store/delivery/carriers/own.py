"""A shop that brings its goods itself; a number is whatever it says."""

from app.store.delivery.carriers.base import Silent

carrier = Silent("own", "商家自送", "The shop itself", r".{1,40}", "1 至 40 个字符", "1 to 40 characters")
