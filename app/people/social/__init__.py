"""What one person is to another: follows, friends, remarks, blocks and mutes; and what a person's page says.

Emits PersonFollowed, PersonUnfollowed, PersonBlocked, PersonUnblocked.
"""
