"""
Shows campaign folders that are not in order.

Their DAGs are left out by the other files, so that one broken folder never stops the others. This
file raises instead, and Airflow shows the reason in its banner of import errors on the home page.
It registers no DAG of its own (airflow dag discovery only reads files that mention both words).
"""

from __future__ import annotations

from include.wiring import broken_campaigns


class CampaignFolderBroken(Exception):
    """专项行动配置有误；其余专项行动不受影响。"""


problems = broken_campaigns()
if problems:
    raise CampaignFolderBroken("\n" + "\n".join(problems))
