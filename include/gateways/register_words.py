"""The words for the registers' codes, from the named lists of the forms."""

from __future__ import annotations

from include.gateways.form_files import load_forms

_FORMS = load_forms()


def _words(form: str, choice_list: str) -> dict[str, str]:
    return {choice.code: choice.label for choice in _FORMS[form].lists[choice_list]}


RECTIFICATION_STATES = _words("rectification", "rectification_status")
CLUE_STATES = _words("clue", "clue_progress")
TIP_STATES = _words("tip", "tip_status")
CASE_STATES = _words("case", "case_status")
DISPOSITIONS = _words("case", "disposition")
ORGANISATIONS = _words("referral", "referral_organisation")
