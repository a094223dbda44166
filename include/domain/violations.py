"""Violation types (违规类型): the codes the ledger stores, their Chinese names and the article they fall under.

Articles are those of 《医疗保障基金使用监督管理条例》 (State Council Order 735, in force 2021-05-01), 36 to 41.
The order of the catalogue is the order of the articles, and so the order of rows in a statistics table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class ViolationClass(StrEnum):
    """What kind of conduct it is; the consequences in law differ by class."""

    AGENCY = "agency"  # 第三十六条
    AGENCY_FRAUD = "agency_fraud"  # 第三十七条
    LOSS = "loss"  # 第三十八条
    MANAGEMENT = "management"  # 第三十九条
    FRAUD = "fraud"  # 第四十条
    PERSON = "person"  # 第四十一条第一款
    PERSON_FRAUD = "person_fraud"  # 第四十一条第二款

    @property
    def zh(self) -> str:
        return {
            ViolationClass.AGENCY: "经办机构履职不到位",
            ViolationClass.AGENCY_FRAUD: "经办机构骗取医保基金",
            ViolationClass.LOSS: "造成医保基金损失",
            ViolationClass.MANAGEMENT: "医保管理不规范",
            ViolationClass.FRAUD: "定点医药机构骗取医保基金",
            ViolationClass.PERSON: "参保人员违规",
            ViolationClass.PERSON_FRAUD: "参保人员骗取医保基金",
        }[self]


@dataclass(frozen=True, slots=True)
class ViolationType:
    """``article`` is empty for conduct that a notice names but the 条例 does not."""

    code: str
    zh: str
    article: str
    kind: ViolationClass


_LOSS, _FRAUD, _AGENCY = ViolationClass.LOSS, ViolationClass.FRAUD, ViolationClass.AGENCY
_MANAGEMENT, _PERSON = ViolationClass.MANAGEMENT, ViolationClass.PERSON

VIOLATION_TYPES: tuple[ViolationType, ...] = (
    ViolationType("AGENCY_NO_RULES", "经办机构未建立健全制度", "第三十六条第（一）项", _AGENCY),
    ViolationType(
        "AGENCY_NO_DUTY", "未履行协议管理、费用监控、拨付、审核职责", "第三十六条第（二）项", _AGENCY
    ),
    ViolationType("AGENCY_AUDIT_GAPS", "基金稽核不全面", "第三十六条第（二）项", _AGENCY),
    ViolationType("AGENCY_UNCHECKED_AGREEMENTS", "履约检查不到位", "第三十六条第（二）项", _AGENCY),
    ViolationType("AGENCY_WRONG_BENEFITS", "违规办理医保待遇", "第三十六条第（二）项", _AGENCY),
    ViolationType("AGENCY_WRONG_PAYMENTS", "违规支付医保费用", "第三十六条第（二）项", _AGENCY),
    ViolationType("AGENCY_ARREARS", "违规拖欠定点医药机构费用", "第三十六条第（二）项", _AGENCY),
    ViolationType("AGENCY_NOT_PUBLIC", "未定期公开基金收支结余", "第三十六条第（三）项", _AGENCY),
    ViolationType("AGENCY_FRAUD", "经办机构骗取医保基金", "第三十七条", ViolationClass.AGENCY_FRAUD),
    ViolationType("AGENCY_FALSE_ENROLMENT", "虚假参保", "第三十七条", ViolationClass.AGENCY_FRAUD),
    ViolationType("AGENCY_FALSE_CONTRIBUTION", "虚假缴费", "第三十七条", ViolationClass.AGENCY_FRAUD),
    ViolationType("AGENCY_EMBEZZLEMENT", "内部人员“监守自盗”", "第三十七条", ViolationClass.AGENCY_FRAUD),
    ViolationType("AGENCY_COLLUSION", "内部人员“内外勾结”", "第三十七条", ViolationClass.AGENCY_FRAUD),
    ViolationType("SPLIT_ADMISSION", "分解住院", "第三十八条第（一）项", _LOSS),
    ViolationType("BED_HANGING", "挂床住院", "第三十八条第（一）项", _LOSS),
    ViolationType("OVER_TREATMENT", "过度诊疗", "第三十八条第（二）项", _LOSS),
    ViolationType("OVER_EXAM", "过度检查", "第三十八条第（二）项", _LOSS),
    ViolationType("SPLIT_PRESCRIPTION", "分解处方", "第三十八条第（二）项", _LOSS),
    ViolationType("OVER_PRESCRIBING", "超量开药", "第三十八条第（二）项", _LOSS),
    ViolationType("DUPLICATE_PRESCRIBING", "重复开药", "第三十八条第（二）项", _LOSS),
    ViolationType("UNNECESSARY_SERVICE", "提供其他不必要的医药服务", "第三十八条第（二）项", _LOSS),
    ViolationType("DUPLICATE_CHARGE", "重复收费", "第三十八条第（三）项", _LOSS),
    ViolationType("OVERCHARGE", "超标准收费", "第三十八条第（三）项", _LOSS),
    ViolationType("UNBUNDLED_CHARGE", "分解项目收费", "第三十八条第（三）项", _LOSS),
    ViolationType("SUBSTITUTION", "串换药品、医用耗材、诊疗项目和服务设施", "第三十八条第（四）项", _LOSS),
    ViolationType("RESALE_FACILITATION", "为参保人员转卖药品等获利提供便利", "第三十八条第（五）项", _LOSS),
    ViolationType(
        "OUT_OF_SCOPE", "将不属于医保基金支付范围的医药费用纳入结算", "第三十八条第（六）项", _LOSS
    ),
    ViolationType("DRG_UPCODING", "高套病种（病组）、规避入组", "第三十八条第（七）项", _LOSS),
    ViolationType("OTHER_LOSS", "造成基金损失的其他违法行为", "第三十八条第（七）项", _LOSS),
    ViolationType(
        "NO_INTERNAL_SYSTEM", "未建立内部管理制度或无专门机构人员", "第三十九条第（一）项", _MANAGEMENT
    ),
    ViolationType(
        "RECORDS_NOT_KEPT", "未按规定保管财务、病历、进销存等资料", "第三十九条第（二）项", _MANAGEMENT
    ),
    ViolationType("DATA_NOT_TRANSMITTED", "未按规定传送数据", "第三十九条第（三）项", _MANAGEMENT),
    ViolationType("INFO_NOT_REPORTED", "未按规定报告信息", "第三十九条第（四）项", _MANAGEMENT),
    ViolationType("FEES_NOT_PUBLIC", "未按规定公开费用信息", "第三十九条第（五）项", _MANAGEMENT),
    ViolationType("NO_CONSENT", "未经同意提供医保基金支付范围外服务", "第三十九条第（六）项", _MANAGEMENT),
    ViolationType("REFUSE_INSPECTION", "拒绝检查或提供虚假情况", "第三十九条第（七）项", _MANAGEMENT),
    ViolationType(
        "INDUCED_FALSE_VISIT",
        "诱导、协助他人冒名或虚假就医购药，提供虚假证明，串通虚开单据",
        "第四十条第一款第（一）项",
        _FRAUD,
    ),
    ViolationType(
        "FORGED_RECORDS", "伪造、变造、隐匿、涂改、销毁有关资料", "第四十条第一款第（二）项", _FRAUD
    ),
    ViolationType("FICTITIOUS_SERVICE", "虚构医药服务项目", "第四十条第一款第（三）项", _FRAUD),
    ViolationType("OTHER_FRAUD", "其他骗取医保基金的行为", "第四十条第一款第（四）项", _FRAUD),
    ViolationType("CARD_LENDING", "将本人医保凭证交由他人冒名使用", "第四十一条第一款第（一）项", _PERSON),
    ViolationType("DUPLICATE_BENEFIT", "重复享受医疗保障待遇", "第四十一条第一款第（二）项", _PERSON),
    ViolationType("PERSON_RESALE", "转卖药品、接受返现等", "第四十一条第一款第（三）项", _PERSON),
    ViolationType(
        "PERSON_FRAUD",
        "冒名就医购药、伪造资料、虚构项目",
        "第四十一条第二款",
        ViolationClass.PERSON_FRAUD,
    ),
    ViolationType("ONLINE_PURCHASE", "未按规定网采药品耗材", "", _MANAGEMENT),
    ViolationType("EPIDEMIC_POLICY", "执行新冠肺炎救治医保政策不严格", "", _AGENCY),
)

_BY_CODE = {violation.code: violation for violation in VIOLATION_TYPES}
_ORDER = {violation.code: place for place, violation in enumerate(VIOLATION_TYPES)}


def violation_zh(code: str) -> str:
    """The Chinese name; a code the catalogue does not have is shown as it is, so that no row is lost."""
    return _BY_CODE[code].zh if code in _BY_CODE else f"目录外类型（{code}）"


def violation_article(code: str) -> str:
    """The article of the 条例, or “—” where there is none."""
    return (_BY_CODE[code].article if code in _BY_CODE else "") or "—"


def in_article_order(codes: Iterable[str]) -> list[str]:
    """The codes in the order of the catalogue; unknown ones last, by code."""
    return sorted(codes, key=lambda code: (_ORDER.get(code, len(_ORDER)), code))
