"""Personal data at rest: encrypted with the office's own key, which is not in the database."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from include.domain.errors import GiveUp
from include.domain.returns import Value


class Seal:
    """Without a key nothing can be sealed or opened; everything else goes on working.

    Keys are listed newest first, with commas between: the first closes, any of them opens.
    """

    def __init__(self, key: str = "") -> None:
        self._key = key

    @property
    def is_ready(self) -> bool:
        return bool(self._key)

    def closed(self, values: Mapping[str, Value]) -> str:
        """Words only. Raise GiveUp without a usable key."""
        return self._fernet().encrypt(json.dumps(values, ensure_ascii=False).encode()).decode()

    def opened(self, sealed: str) -> dict[str, Value]:
        """Raise GiveUp without the key it was closed with."""
        try:
            values: dict[str, Value] = json.loads(self._fernet().decrypt(sealed))
        except InvalidToken:
            raise GiveUp("举报人信息无法解密：DUBAN_TIPSTER_KEY 与登记时的密钥不一致，请核对密钥") from None
        return values

    def renewed(self, sealed: str) -> str:
        """The same contents closed with the newest key. Raise GiveUp without the key it was closed with."""
        return self.closed(self.opened(sealed))

    def _fernet(self) -> MultiFernet:
        if not self._key:
            raise GiveUp("没有设置举报人信息的密钥 DUBAN_TIPSTER_KEY，请管理员设置后再办理")
        try:
            return MultiFernet([Fernet(key.strip()) for key in self._key.split(",") if key.strip()])
        except ValueError:
            raise GiveUp(
                "DUBAN_TIPSTER_KEY 格式不对：应为32字节的 Base64 编码（44个字符），更换密钥时写“新密钥,旧密钥”，请管理员重新生成"
            ) from None
