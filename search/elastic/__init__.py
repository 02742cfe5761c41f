"""Search on Elasticsearch 9, without plugins: whitespace-analysed fields, since search/text.py cuts the words."""
