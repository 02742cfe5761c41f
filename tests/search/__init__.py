"""The contract of a search engine, asked of each engine that there is; and the words that both share."""
