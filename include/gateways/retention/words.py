"""The page that lies in every export and says how to read it."""

READ_ME = r"""{title}　归档资料

本文件夹是该专项行动在“督办”系统中的全部资料，脱离本系统即可阅读。应保存至{keep_until}以后。

一、内容
tables/*.csv        台账各表中本专项行动的记录；audit.csv 是全部留痕记录（校验链须完整，不能按专项拆分）
tables.json         各表的列：类型、可否为空、引用哪个表的哪一列
snapshots/*.json    每期上报所依据的冻结数据，文件名即 tables/snapshot.csv 中的 sha256
mails/*.json        发出的每封邮件的标题、正文和附件名，文件名是 tables/sent_mail.csv 中的 id
originals/          收到的邮件和报送件、退回件、上报文件的原件，文件名是内容的 SHA-256
originals.csv       每份原件的校验值、所在的表和编号、原来的文件名（邮件为主题）
campaign/           专项行动的配置（通知要求、阶段、期限）
manifest.json       清单：制作时刻、各表条数、每个文件的 SHA-256
SHA256SUMS          全部文件的校验值

二、格式
CSV：UTF-8（带 BOM），逗号分隔，双引号括起，首行为列名，换行为 LF。\N 表示没有填写，空单元格表示空文字。
日期 2024-05-24；时刻为北京时间，如 2024-05-24T09:00:00.000000+08:00；金额单位为元，保留两位小数；是否为 true、false。
old、new、attachments 等列为 JSON。用电子表格打开时请全部按文本导入，不要让其自动换算。
举报人信息（tipster）为加密内容，须用登记时的密钥（DUBAN_TIPSTER_KEY，Fernet 格式）解密。

三、核对
在本文件夹运行 sha256sum --check SHA256SUMS，或用本系统的 ledger check-export。
留痕链：逐条按 id 顺序，hash = SHA-256( 上一条的 hash + 换行 + 本条除 id、hash 外各列的 JSON )，
JSON 的键按字母排序、无空格、中文不转义、UTF-8；第一条之前的 hash 为64个 0；最后一条的 hash 在清单的 audit_end。
"""
