"""Who follows whom, and what a person's page says. Emits PersonFollowed, PersonUnfollowed."""
