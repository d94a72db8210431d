"""The bank's one decision rule, pure: `decide.decide` turns a request and the views it needs into the legs to post.

- Legs of one decision sum to zero per unit, and no leg takes an account below its floor: what must be taken all the same
  (offline advice, a reversed top-up that was spent, credit to take back) stands on OWED or CREDIT_OWED.
- Legs of an earning carry its rule_id; a return takes each earning back in the proportion of what is returned.
- Nothing here reads a clock, a database or a setting.
"""
