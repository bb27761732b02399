"""Numbers that states give to people: only those whose checksum or strict shape makes a chance hit unlikely.

Brazil's CPF, Spain's DNI and NIE, France's NIR, India's Aadhaar (after its name), Germany's tax number (after its
name), the United States' SSN and Britain's National Insurance number (by shape: they have no checksum).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from turbulence_app.privacy.finders.base import DIGIT, Hit, whole

_CPF = re.compile(r"(?<![\w.-])[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}(?![\w-])|(?i:\bCPF)\W{1,4}([0-9]{11})(?!\w)")
_DNI = re.compile(r"(?<![\w.-])(?:[0-9]{8}|[XYZ][0-9]{7})-?[A-Z](?![\w-])")
_NIR = re.compile(
    r"(?<![\w.-])[12] ?[0-9]{2} ?(?:0[1-9]|1[0-2]) ?(?:[0-9]{2}|2[AB]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}(?![\w-])"
)
_AADHAAR = re.compile(
    r"(?i:aadhaar|aadhar|UIDAI|UID)[^\w\n]{0,4}(?:(?:no|number|card|"
    r"is)\b[^\w\n]{0,4}){0,3}([2-9][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4})(?!\w)"
)
_TAX = re.compile(
    r"(?i:steuer-?id|idnr|steueridentifikationsnummer|steuerliche identifikationsnummer|"
    r"tax id)\b[^\w\n]{0,4}(?:(?:nr|is|ist)\b[^\w\n]{0,4})?"
    r"([1-9][0-9](?: ?[0-9]{3}){3})(?!\w)"
)
_SSN = re.compile(r"(?<![\w.-])(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![\w-])")
_NINO = re.compile(
    r"(?<!\w)(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D](?!\w)"
)
_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_TURN = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
"""The permutation of Verhoeff, Error Detecting Decimal Codes (1969); place ``n`` from the right gets its power n."""


def find(text: str) -> Iterator[Hit]:
    """Numbers of people."""
    if DIGIT.search(text) is None:
        return
    for match in _CPF.finditer(text):
        group = 1 if match[1] else 0
        if _is_cpf(_digits(match[group])):
            yield whole(match, "NATIONAL_ID", group)
    yield from (whole(m, "NATIONAL_ID") for m in _DNI.finditer(text) if _is_dni(m[0].replace("-", "")))
    yield from (whole(m, "NATIONAL_ID") for m in _NIR.finditer(text) if _is_nir(m[0].replace(" ", "")))
    yield from (whole(m, "NATIONAL_ID", 1) for m in _AADHAAR.finditer(text) if _is_verhoeff(_digits(m[1])))
    yield from (whole(m, "NATIONAL_ID", 1) for m in _TAX.finditer(text) if _is_tax_number(_digits(m[1])))
    yield from (whole(m, "NATIONAL_ID") for m in _SSN.finditer(text))
    yield from (whole(m, "NATIONAL_ID") for m in _NINO.finditer(text))


def _digits(shown: str) -> str:
    return "".join(c for c in shown if c.isdigit())


def _is_cpf(digits: str) -> bool:
    """Two check digits, modulo 11; numbers of one digit only are never given."""
    if len(set(digits)) == 1:
        return False
    for length in (9, 10):
        total = sum(int(digit) * (length + 1 - place) for place, digit in enumerate(digits[:length]))
        if total * 10 % 11 % 10 != int(digits[length]):
            return False
    return True


def _is_dni(shown: str) -> bool:
    number = shown[:-1].translate(str.maketrans("XYZ", "012"))
    return _LETTERS[int(number) % 23] == shown[-1]


def _is_nir(shown: str) -> bool:
    """The key is 97 less the number modulo 97; Corsica's 2A and 2B count as 19 and 18."""
    number = shown[:-2].replace("2A", "19").replace("2B", "18")
    return number.isdigit() and 97 - int(number) % 97 == int(shown[-2:])


def _is_tax_number(digits: str) -> bool:
    """ISO 7064, modulo 11,10; in the first ten digits one is there two or three times."""
    if max(digits[:10].count(digit) for digit in set(digits[:10])) not in (2, 3):
        return False
    product = 10
    for digit in digits[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def _is_verhoeff(digits: str) -> bool:
    """Verhoeff's check in the dihedral group of order 10."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        for _ in range(place % 8):
            value = _TURN[value]
        check = _dihedral(check, value)
    return check == 0


def _dihedral(a: int, b: int) -> int:
    """The product in D5: 0 to 4 are rotations, 5 to 9 reflections."""
    rotation = (a % 5 + b % 5) % 5 if a < 5 else (a % 5 - b % 5) % 5
    return rotation + 5 * ((a >= 5) != (b >= 5))
