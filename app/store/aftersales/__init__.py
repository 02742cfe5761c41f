"""After-sales cases: a buyer wants money back, returns goods, or wants others; the shop answers, and moderators decide.

Emits CaseOpened, CaseClosed. What is granted is a grant of refunds; which units a case claims, fulfilment keeps.
"""
