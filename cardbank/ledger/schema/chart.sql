-- The chart of accounts, as data. A floor is never broken; a shortfall that must be posted goes to OWED or CREDIT_OWED.
-- spend_rank: the order in which purses pay where a request names none (views.SPEND_RANK is the rule); credit is never spent unasked.
-- opens_with: 1 network, 2 holder, 3 family, 4 shop, 5 programme, 6 organisation.
INSERT INTO unit (id, code, scale, kind) VALUES (1, 'IRR', 0, 'money');

INSERT INTO account_kind (id, name, side, default_floor, is_lazy, spend_rank, opens_with, description) VALUES
    (1,  'MONEY',         'holder',    0,    false, 3,    '{2,3}', 'Money of the holder or of a family'),
    (2,  'GIFT',          'holder',    0,    false, 2,    '{}',    'A loaded gift'),
    (3,  'BENEFIT',       'holder',    0,    false, 1,    '{}',    'Money for stated shops or goods, of one member'),
    (4,  'CREDIT_LOT',    'holder',    0,    false, NULL, '{}',    'Loyalty credit with one set of immutable terms'),
    (5,  'POINTS_LOT',    'holder',    0,    false, NULL, '{}',    'Points of one club with one set of terms'),
    (6,  'ENTITLEMENT',   'holder',    0,    false, NULL, '{}',    'Something that can be used once: coupon, perk'),
    (7,  'HOLD',          'holder',    0,    false, NULL, '{}',    'Set aside for one purpose until captured, released or lapsed'),
    (8,  'OFFLINE',       'holder',    0,    false, NULL, '{}',    'What one card may spend without asking'),
    (9,  'LINE',          'holder',    0,    false, NULL, '{}',    'A credit contract; its floor is minus the limit'),
    (10, 'OWED',          'holder',    NULL, false, NULL, '{}',    'Shortfall of a posting that could not be refused'),
    (11, 'CREDIT_OWED',   'holder',    NULL, false, NULL, '{}',    'Shortfall of taken-back loyalty credit'),
    (20, 'PAYABLE',       'shop',      NULL, true,  NULL, '{4}',   'What the shop is owed'),
    (21, 'WITHHELD',      'shop',      0,    false, NULL, '{}',    'Held back for a dispute'),
    (22, 'PAYOUT_SENT',   'shop',      NULL, false, NULL, '{}',    'Paid out, not yet confirmed by the bank'),
    (30, 'BUDGET',        'programme', 0,    false, NULL, '{}',    'What a funder has made available, in slots'),
    (31, 'ISSUED',        'programme', NULL, true,  NULL, '{5,6}', 'Credit given, when the funder pays as it is spent'),
    (32, 'LAPSED',        'programme', NULL, true,  NULL, '{5,6}', 'Credit that expired unspent'),
    (33, 'FUNDER_DUE',    'programme', NULL, true,  NULL, '{5,6}', 'What the funder must still pay'),
    (40, 'BANK',          'network',   NULL, true,  NULL, '{1}',   'Mirror of the bank account'),
    (41, 'CASH_TAKEN',    'network',   NULL, true,  NULL, '{1}',   'Mirror of cash taken at desks'),
    (42, 'COMMISSION',    'network',   NULL, true,  NULL, '{1}',   'Earned by the network'),
    (43, 'TAX',           'network',   NULL, true,  NULL, '{1}',   'Owed to the tax office'),
    (44, 'SUSPENSE',      'network',   NULL, true,  NULL, '{1}',   'Differences with a case number'),
    (45, 'ROUNDING',      'network',   NULL, true,  NULL, '{1}',   'Rests of conversions'),
    (46, 'IN_TRANSIT',    'network',   NULL, true,  NULL, '{1}',   'Between the two entries of a transfer'),
    (47, 'UNIT_EXCHANGE', 'network',   NULL, true,  NULL, '{1}',   'Between the two units of a conversion');

INSERT INTO wallet (id, kind) VALUES (1, 1);
INSERT INTO account (id, wallet_id, kind, unit, floor)
SELECT id, 1, id, 1, default_floor FROM account_kind WHERE 1 = ANY(opens_with);
