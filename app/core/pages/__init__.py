"""Page shells: the frame that every room's pages stand in, and their one style sheet."""
