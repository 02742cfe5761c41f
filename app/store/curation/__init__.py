"""What moderators and time do with goods: looked at before they are on sale, put on sale and off at a time, moved along
with their category. Emits nothing: the catalogue tells of what changes."""
