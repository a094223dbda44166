"""A new campaign folder passes the check from the first moment, and nothing is ever overwritten."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from include.campaigns.registry import FILE_NAME, load_campaign
from include.campaigns.scaffold import new_campaign
from include.domain.campaign import Campaign, PhaseKind, PostRole

MAY = date(2024, 5, 6)


@pytest.mark.parametrize(
    "name", ["wushen_2025", "xyz", "y", "zhangye_2024", "lazy_fox_99", "a1_2b_3c", "quanzhou2024", "x" * 48]
)
def test_new_campaign_passes_the_check(tmp_path: Path, name: str) -> None:
    folder = new_campaign(name, tmp_path, start=MAY)
    assert folder == tmp_path / name
    assert load_campaign(folder).id == name


@pytest.mark.parametrize("start", [date(2024, 2, 28), date(2024, 12, 31), date(2019, 1, 7), date(2026, 1, 1)])
def test_new_campaign_runs_from_the_given_day(tmp_path: Path, start: date) -> None:
    campaign = load_campaign(new_campaign("xin", tmp_path, start=start))
    assert campaign.starts_on == start
    assert [phase.kind for phase in campaign.phases] == list(PhaseKind)


@pytest.mark.parametrize(
    "name",
    ["", "2024_wushen", "Wushen", "wu-shen", "wu__shen", "_wushen", "乌审", "a b", "../up", "x" * 49, "ok\n"],
)
def test_name_that_cannot_be_one_is_refused_and_nothing_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="只能用小写英文字母、数字和单个下划线，以字母开头"):
        new_campaign(name, tmp_path, start=MAY)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    file = new_campaign("xin", tmp_path, start=MAY) / FILE_NAME
    file.write_text("已填好的内容", encoding="utf-8")
    with pytest.raises(FileExistsError, match="文件夹“xin”已存在"):
        new_campaign("xin", tmp_path, start=MAY)
    assert file.read_text(encoding="utf-8") == "已填好的内容"


def test_new_campaign_writes_out_every_block_and_names_every_post_mail_goes_to(tmp_path: Path) -> None:
    folder = new_campaign("xin", tmp_path, start=MAY)
    text = (folder / FILE_NAME).read_text(encoding="utf-8")
    assert [name for name in Campaign.model_fields if f"\n{name}:" not in text] == []
    assert text.startswith("# yaml-language-server: $schema=../campaign.schema.json\n")
    assert "$" not in text.split("\n", 1)[1]
    roles = {post.role for post in load_campaign(folder).posts}
    assert roles >= {
        PostRole.HANDLING_UNIT,
        PostRole.OFFICE_DIRECTOR,
        PostRole.GROUP_DEPUTY,
        PostRole.UPPER_BUREAU,
    }
