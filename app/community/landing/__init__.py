"""Landing: the page that a link opens, and that of goods by themselves, with the post that brought the visitor and a
buy form. Has no rows; emits nothing."""
