"""Recommendations: what people were shown. The only source of the count `views`, and what recommending will learn from.
The public page of a post is here, since opening it is a view.

Emits nothing."""
