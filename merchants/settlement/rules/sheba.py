"""Sheba, Iran's IBAN: `IR`, two check digits (ISO 7064 mod 97-10), three digits of the bank, nineteen of the account."""

from collections.abc import Mapping

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

from kernel.text import latin_digits, localised_digits, search_key
from merchants.settlement.errors import WrongSheba

LENGTH = 26
SAMPLE_BANK = "999"  # no bank has it: for fictional shops only
BANKS = {
    "010": ("بانک مرکزی", "Central Bank"),
    "011": ("صنعت و معدن", "Sanat va Madan"),
    "012": ("ملت", "Mellat"),
    "013": ("رفاه کارگران", "Refah"),
    "014": ("مسکن", "Maskan"),
    "015": ("سپه", "Sepah"),
    "016": ("کشاورزی", "Keshavarzi"),
    "017": ("ملی ایران", "Melli"),
    "018": ("تجارت", "Tejarat"),
    "019": ("صادرات ایران", "Saderat"),
    "020": ("توسعهٔ صادرات", "Tosee Saderat"),
    "021": ("پست بانک", "Post Bank"),
    "022": ("توسعهٔ تعاون", "Tosee Taavon"),
    "051": ("مؤسسهٔ اعتباری توسعه", "Tosee credit institution"),
    "053": ("کارآفرین", "Karafarin"),
    "054": ("پارسیان", "Parsian"),
    "055": ("اقتصاد نوین", "Eghtesad Novin"),
    "056": ("سامان", "Saman"),
    "057": ("پاسارگاد", "Pasargad"),
    "058": ("سرمایه", "Sarmayeh"),
    "059": ("سینا", "Sina"),
    "060": ("قرض‌الحسنهٔ مهر ایران", "Mehr Iran"),
    "061": ("شهر", "Shahr"),
    "062": ("آینده", "Ayandeh"),
    "063": ("انصار", "Ansar"),
    "064": ("گردشگری", "Gardeshgari"),
    "065": ("حکمت ایرانیان", "Hekmat Iranian"),
    "066": ("دی", "Dey"),
    "069": ("ایران زمین", "Iran Zamin"),
    "070": ("قرض‌الحسنهٔ رسالت", "Resalat"),
    "073": ("کوثر", "Kosar"),
    "075": ("ملل", "Melal"),
    "078": ("خاورمیانه", "Khavarmianeh"),
    "079": ("مهر اقتصاد", "Mehr Eghtesad"),
    "080": ("نور", "Noor"),
    "095": ("ایران و ونزوئلا", "Iran-Venezuela"),
    SAMPLE_BANK: ("بانک نمونه", "Sample bank"),
}


def sheba_of(typed: str) -> str:
    """The 26 characters of a Sheba as people type it: any digits, spaces, dashes, with or without `IR`.

    Raises WrongSheba: facts `fault` is length, check_digits or bank.
    """
    bare = "".join(letter for letter in latin_digits(typed).upper() if letter.isalnum())
    sheba = bare if bare.startswith("IR") else f"IR{bare}"
    if len(sheba) != LENGTH or not (sheba[2:].isascii() and sheba[2:].isdigit()):
        raise WrongSheba(field="sheba", fault="length")
    try:
        mod_97_10.validate(_rotated(sheba))
    except ValidationError:
        raise WrongSheba(field="sheba", fault="check_digits") from None
    if sheba[4:7] not in BANKS:
        raise WrongSheba(field="sheba", fault="bank")
    return sheba


def make_sheba(bank: str, account: str) -> str:
    """The Sheba of an account of up to nineteen digits at a bank, with its check digits."""
    number = bank + account.zfill(19)
    return f"IR{mod_97_10.calc_check_digits(number + 'IR')}{number}"


def _rotated(sheba: str) -> str:
    """Country and check digits go last (ISO 13616)."""
    return sheba[4:] + sheba[:4]


def bank_of_sheba(sheba: str) -> dict[str, str]:
    """The bank's names by language. A Sheba outlives its bank: one that left the list, or never stood there, is told by its code."""
    code = sheba[4:7]
    persian, english = BANKS.get(code) or (f"بانک ناشناخته (کد {localised_digits(code, 'fa')})", f"Unknown bank (code {code})")
    return {"fa": persian, "en": english}


def is_sample(sheba: str) -> bool:
    return sheba[4:7] == SAMPLE_BANK


def masked(sheba: str) -> str:
    """What a list or an audit line may show: the bank and the last four digits."""
    return f"{sheba[:2]}•• {sheba[4:7]}• … {sheba[-4:]}"


def is_same_name(holder: str, legal_names: Mapping[str, str]) -> bool:
    """Whether the account is in one of these names (by language or origin), letters and spaces folded as people type them."""
    return bool(search_key(holder)) and search_key(holder) in {search_key(name) for name in legal_names.values()}
