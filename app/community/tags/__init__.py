"""Tags: goods tagged in a post, each with a link of its own (buying/links). The post is an opaque id. Emits nothing."""
