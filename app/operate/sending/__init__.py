"""What of a person's notices leaves the house: by push, text message and e-mail; when he wants it, and how much of it.

Hears NoticeRaised. Every way out has one small class in channels/; what is on its way is a row, so nothing is lost and
nothing goes out twice but where a channel did not answer. Emits nothing.
"""
