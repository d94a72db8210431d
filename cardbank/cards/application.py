"""The card application of the laboratory: names and key numbers as the chip knows them."""

DF_NAME = bytes.fromhex("F0534D41525450494C4752494D01")
AID = bytes.fromhex("F54230")  # as sent
ADMIN, ONLINE, OFFLINE, CREDIT, CHANGE, TRANSACTION_MAC = 0, 1, 2, 3, 4, 15
KEY_NUMBERS = (ADMIN, ONLINE, OFFLINE, CREDIT, CHANGE, TRANSACTION_MAC)
UID_BYTES = 7
TOKEN_BYTES = 16
