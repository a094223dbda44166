"""Settlement data by the names of the national interface (医保结算信息 setl, 费用明细 feedetail), as screening reads them.

Types are those of an analytic engine. A column that is not ``REQUIRED`` may be missing in a bureau's export and is
then empty; ``diag_code`` is the principal diagnosis (setldiagn.diag_code with maindiag_flag 1), ICD-10.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

KEY, DAY, MONEY = "string", "timestamp(6)", "decimal(16,2)"

SETTLEMENT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "setl_id": KEY,
        "mdtrt_id": KEY,
        "psn_no": KEY,
        "certno": KEY,
        "gend": KEY,
        "brdy": "date",
        "insutype": KEY,
        "insu_admdvs": KEY,
        "fixmedins_code": KEY,
        "fixmedins_name": KEY,
        "hosp_lv": KEY,
        "med_type": KEY,
        "begndate": DAY,
        "enddate": DAY,
        "setl_time": DAY,
        "diag_code": KEY,
        "dise_no": KEY,
        "medfee_sumamt": MONEY,
        "inscp_scp_amt": MONEY,
        "act_pay_dedc": MONEY,
        "hifp_pay": MONEY,
        "fund_pay_sumamt": MONEY,
        "acct_pay": MONEY,
        "acct_mulaid_pay": MONEY,
        "psn_part_amt": MONEY,
        "refd_setl_flag": KEY,
        "setl_type": KEY,
        "vali_flag": KEY,
    }
)

DETAIL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "feedetl_sn": KEY,
        "init_feedetl_sn": KEY,
        "mdtrt_id": KEY,
        "setl_id": KEY,
        "psn_no": KEY,
        "fee_ocur_time": DAY,
        "med_list_codg": KEY,
        "hilist_name": KEY,
        "list_type": KEY,
        "med_chrgitm_type": KEY,
        "cnt": "decimal(16,4)",
        "pric": "decimal(16,6)",
        "det_item_fee_sumamt": MONEY,
        "pric_uplmt_amt": "decimal(16,6)",
        "fulamt_ownpay_amt": MONEY,
        "inscp_scp_amt": MONEY,
        "chrgitm_lv": KEY,
        "lmt_used_flag": KEY,
        "bilg_dept_codg": KEY,
        "bilg_dr_codg": KEY,
        "orders_dr_code": KEY,
        "dscg_tkdrug_flag": KEY,
        "etip_flag": KEY,
        "drug_trac_codg": KEY,
    }
)

REQUIRED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "settlements": (
            "setl_id",
            "mdtrt_id",
            "psn_no",
            "fixmedins_code",
            "med_type",
            "begndate",
            "enddate",
            "setl_time",
            "medfee_sumamt",
            "fund_pay_sumamt",
            "refd_setl_flag",
            "vali_flag",
        ),
        "details": (
            "feedetl_sn",
            "mdtrt_id",
            "setl_id",
            "psn_no",
            "fee_ocur_time",
            "med_list_codg",
            "cnt",
            "pric",
            "det_item_fee_sumamt",
            "inscp_scp_amt",
        ),
    }
)

INPATIENT = ("21", "22", "23", "24", "25", "26", "2101", "2102", "2105", "52")
DAY_SURGERY = ("28",)
PHARMACY = ("41", "9929")
"""医疗类别 ``med_type`` by scene; anything else is outpatient. Provinces extend the list."""
