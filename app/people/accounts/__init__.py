"""Who people are: accounts, sessions, roles, suspensions. Turns a bearer token into the person who asks.

Emits PersonJoined, PersonChanged (name, bio, avatar, badges), PersonSuspended, PersonReinstated.
"""
