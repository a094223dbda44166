"""The headings (违法违规行为) under which upper bureaus' tables list violations, and the types that fall under each.

A table has few fixed rows, the catalogue of violation types many; each classification divides all types of an
object, so that its rows add up. What no heading names falls under the last of its object, 其他.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

ACTION = "action_heading"
"""甘肃省打击欺诈骗取医疗保障基金专项行动情况统计表(违规行为表), 2019."""

GOVERNANCE = "governance_heading"
"""鹤医保〔2020〕12号 附件1、附件2, 2020."""

REST = "其他"

_Headings = Mapping[str, Mapping[str, tuple[str, ...]]]

HEADINGS: Mapping[str, _Headings] = {
    ACTION: {
        "medical_institution": {
            "诱导参保人员住院": ("INDUCED_FALSE_VISIT",),
            "盗刷冒用社会保障卡": ("OTHER_FRAUD",),
            "伪造医疗文书或票据": ("FORGED_RECORDS",),
            "伙同或协助套取医保基金": ("RESALE_FACILITATION",),
            "虚记或多记费用": ("FICTITIOUS_SERVICE", "OVERCHARGE", "DUPLICATE_CHARGE", "UNBUNDLED_CHARGE"),
            REST: (),
        },
        "retail_pharmacy": {
            "串换药品": ("SUBSTITUTION",),
            "刷卡套取医保基金": ("OTHER_FRAUD", "INDUCED_FALSE_VISIT"),
            REST: (),
        },
        "insured_person": {
            "冒名顶替": ("CARD_LENDING", "PERSON_FRAUD"),
            "票据作假": ("DUPLICATE_BENEFIT",),
            REST: (),
        },
    },
    GOVERNANCE: {
        "handling_agency": {
            "执行新冠肺炎救治医保政策不严格": ("EPIDEMIC_POLICY",),
            "内审制度不健全": ("AGENCY_NO_RULES",),
            "基金稽核不全面": ("AGENCY_AUDIT_GAPS", "AGENCY_NO_DUTY"),
            "履约检查不到位": ("AGENCY_UNCHECKED_AGREEMENTS",),
            "违规办理医保待遇": ("AGENCY_WRONG_BENEFITS",),
            "违规支付医保费用": ("AGENCY_WRONG_PAYMENTS",),
            "虚假参保": ("AGENCY_FALSE_ENROLMENT",),
            "虚假缴费": ("AGENCY_FALSE_CONTRIBUTION",),
            "违规拖欠定点医药机构费用": ("AGENCY_ARREARS",),
            "内部人员“监守自盗”": ("AGENCY_EMBEZZLEMENT", "AGENCY_FRAUD"),
            "内部人员“内外勾结”": ("AGENCY_COLLUSION",),
            REST: (),
        },
        "medical_institution": {
            "挂床住院": ("BED_HANGING",),
            "诱导住院": ("INDUCED_FALSE_VISIT",),
            "虚构医疗服务": ("FICTITIOUS_SERVICE",),
            "伪造医疗文书票据": ("FORGED_RECORDS",),
            "超标准收费": ("OVERCHARGE",),
            "重复收费": ("DUPLICATE_CHARGE",),
            "串换项目收费": ("SUBSTITUTION",),
            "不合理诊疗": (
                "OVER_TREATMENT",
                "OVER_EXAM",
                "SPLIT_PRESCRIPTION",
                "OVER_PRESCRIBING",
                "DUPLICATE_PRESCRIBING",
                "UNNECESSARY_SERVICE",
            ),
            "超医保支付范围（限定）结算": ("OUT_OF_SCOPE",),
            "其他违法违规行为": (),
        },
    },
}

_HEADING_OF = {
    classification: {
        (subject, code): heading
        for subject, headings in objects.items()
        for heading, codes in headings.items()
        for code in codes
    }
    for classification, objects in HEADINGS.items()
}
_LAST = {
    classification: {subject: list(headings)[-1] for subject, headings in objects.items()}
    for classification, objects in HEADINGS.items()
}
_PLACES = {
    classification: {
        f"{subject}:{heading}": place
        for place, (subject, heading) in enumerate(
            (subject, heading) for subject, headings in objects.items() for heading in headings
        )
    }
    for classification, objects in HEADINGS.items()
}


def heading_of(classification: str, subject: str, violation_type: str) -> str:
    """The member a violation of the object counts under; an object without headings has 其他 alone."""
    heading = _HEADING_OF[classification].get((subject, violation_type))
    return f"{subject}:{heading or _LAST[classification].get(subject, REST)}"


def heading_zh(member: str) -> str:
    """The heading as the table prints it."""
    return member.partition(":")[2] or member


def in_heading_order(classification: str, members: Iterable[str]) -> list[str]:
    """The members in the order of the official table, others last."""
    places = _PLACES[classification]
    return sorted(members, key=lambda member: (places.get(member, len(places)), member))


def members_of(classification: str) -> tuple[str, ...]:
    """All members that the official table lists."""
    return tuple(_PLACES[classification])
