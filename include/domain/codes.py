"""Codes that identify units and places, and ways to reach them.

Designated institutions carry the national code: H (定点医疗机构) or P (定点零售药店), six digits of
GB/T 2260, five of serial. Handling agencies and branches have no national code of this kind; the office
gives them one of the same shape, J (经办机构) or F (分局), so that every unit code is twelve characters
and says its kind and region.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from stdnum import numdb
from stdnum.cn import uscc as gb32100
from stdnum.exceptions import ValidationError

from include.domain.model import UnitKind
from include.domain.values import Unreadable, normalise

KIND_BY_LETTER = {
    "H": UnitKind.MEDICAL_INSTITUTION,
    "P": UnitKind.RETAIL_PHARMACY,
    "J": UnitKind.HANDLING_AGENCY,
    "F": UnitKind.COUNTY_BRANCH,
}
LETTER_BY_KIND = {kind: letter for letter, kind in KIND_BY_LETTER.items()}

_UNIT_CODE = re.compile(r"[HPJF]\d{11}")
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}(?:-\d{1,6})?")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_CARD_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CARD_CHECKS = "10X98765432"
_LOOKALIKES = str.maketrans("OI", "01")


def institution_code(text: str) -> str:
    """A unit code in capitals. Raise Unreadable."""
    code = _plain(text)
    if _UNIT_CODE.fullmatch(code):
        return code
    guess = code[:1] + code[1:].translate(_LOOKALIKES)
    if _UNIT_CODE.fullmatch(guess):
        raise Unreadable(f"填写的是“{text}”，疑似把数字0、1写成了字母O、I，请核对是否应为 {guess}")
    if len(code) != 12:
        raise Unreadable(
            f"填写的是“{text}”，共{len(code)}位，请填写12位编码：1位字母（H医疗机构、P药店、J经办机构、F分局）加11位数字"
        )
    raise Unreadable(
        f"填写的是“{text}”，格式不符，请填写1位字母（H医疗机构、P药店、J经办机构、F分局）加11位数字"
    )


def kind_of(code: str) -> UnitKind | None:
    """The kind a unit code's letter stands for."""
    return KIND_BY_LETTER.get(code[:1])


def region_of(code: str) -> str:
    """The region a unit code was given in; not always where the unit is today."""
    return code[1:7]


def uscc(text: str) -> str:
    """A unified social credit code (GB 32100-2015) in capitals. Raise Unreadable."""
    code = _plain(text)
    if _checks_out(code):
        return code
    guess = code.translate(_LOOKALIKES)
    if guess != code and _checks_out(guess):
        raise Unreadable(f"填写的是“{text}”，疑似把数字0、1写成了字母O、I，请核对是否应为 {guess}")
    if len(code) != 18:
        raise Unreadable(f"填写的是“{text}”，共{len(code)}位，请填写18位统一社会信用代码")
    if not _USCC.fullmatch(code):
        raise Unreadable(
            f"填写的是“{text}”，含有代码中不会出现的字符（如 I、O、S、V、Z），请对照登记证书填写"
        )
    raise Unreadable(f"填写的是“{text}”，校验位不符，说明有字符写错，请对照登记证书逐位核对")


def identity_card(text: str) -> str:
    """A resident identity number (GB 11643-1999) in capitals. Raise Unreadable, without repeating the number."""
    number = _plain(text)
    if not re.fullmatch(r"\d{17}[0-9X]", number):
        raise Unreadable("居民身份证号应为18位，前17位是数字，末位是数字或X，请核对证件")
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise Unreadable("居民身份证号第7至14位不是真实的出生日期，请对照证件逐位核对") from None
    if (
        _CARD_CHECKS[
            sum(int(digit) * weight for digit, weight in zip(number, _CARD_WEIGHTS, strict=False)) % 11
        ]
        != number[17]
    ):
        raise Unreadable("居民身份证号校验位不符（GB 11643），说明有数字写错，请对照证件逐位核对")
    return number


def region(text: str) -> str:
    """A six-digit region code by form; whether it exists is another question. Raise Unreadable."""
    code = _plain(text)
    if not re.fullmatch(r"\d{6}", code):
        raise Unreadable(f"填写的是“{text}”，请填写6位行政区划代码，如 150626")
    return code


def is_known_region(code: str) -> bool:
    """Whether GB/T 2260 has or had this six-digit region."""
    return code.isdigit() and _has_region(code)


def region_name(code: str) -> str:
    """The name GB/T 2260 has or had for the region; the code itself where it has none."""
    return _region_name(code) if code.isdigit() else code


def region_digits(code: str) -> str:
    """What the codes of all regions inside this one begin with: two digits of a province, four of a city, or all six.

    GB/T 2260: a province's code ends in 0000, a city's in 00; 341000 is 黄山市 and has nothing to do with 341100.
    """
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def phone(text: str) -> str:
    """One mobile or landline number. Raise Unreadable."""
    number = re.sub(r"[()\s]+", "", re.sub(r"\((0\d{2,3})\)", r"\1-", normalise(text)))
    if _MOBILE.fullmatch(number) or _LANDLINE.fullmatch(number):
        return number
    raise Unreadable(f"填写的是“{text}”，请只填一个号码：11位手机号，或带区号的座机号，如 0477-1234567")


def email(text: str) -> str:
    """One mail address. Raise Unreadable."""
    address = normalise(text).replace(" ", "")
    if _EMAIL.fullmatch(address) and ".." not in address:
        return address
    if "。" in address:
        raise Unreadable(f"填写的是“{text}”，邮箱中的“。”应为英文句点“.”，请改正")
    raise Unreadable(f"填写的是“{text}”，不是邮箱地址，请只填一个，如 yibao@hospital.example")


def _plain(text: str) -> str:
    return re.sub(r"[\s-]+", "", normalise(text)).upper()


def _checks_out(code: str) -> bool:
    if not _USCC.fullmatch(code):
        return False
    try:
        return bool(gb32100.calc_check_digit(code[:17]) == code[17])
    except ValidationError:
        return False


@cache
def _region_name(code: str) -> str:
    for _, facts in numdb.get("cn/loc").info(code):
        if "county" in facts:
            # The years in which it held stand before a name: [1984-]乌审旗.
            return re.sub(r"^\[[^\]]*\]", "", str(facts["county"]).split(",")[-1])
    return code


@cache
def _has_region(code: str) -> bool:
    return any("county" in facts for _, facts in numdb.get("cn/loc").info(code))
