"""Recommendations: what people were shown. The only source of the count `views`, and what recommending will learn from.

Emits nothing."""
