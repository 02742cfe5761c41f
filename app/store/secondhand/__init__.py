"""Second-hand 闲置: a person without a shop sells single articles, by parcel or in person.

An article is goods like any other, so checkout, escrow until receipt, after-sales and settlement are those of every
order; its seller has a shop for it that stands outside the mall, that he never has to open, and that no door of
merchants works in (shops.models.SELLER). What may not be sold is checked when an article is listed or changed, and
again when the list of words grows.
Emits ArticleMoved, WordProhibited.
"""
