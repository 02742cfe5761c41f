"""Notices: what a person is told of, grouped by kind, thing and day; his inbox, and which kinds he wants.

Every kind of notice has one small class in kinds/. What a notice says is read from the rows it is about, each time;
what of it leaves the house is operate/sending's. Emits NoticeRaised, and its own notes FriendsToldInPart, NoticesLeft.
"""
