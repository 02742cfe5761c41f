"""Decor: the page of a shop, as it is arranged by those who set it up and seen by everybody: theme, banners, featured
goods, sections. Emits ShopPageChanged."""
