"""The mail server: yagmail composes each message and opens the connections; this package hands it over once.

``yagmail.send`` logs in for every mail and repeats a message whose connection broke after the server
had it, so it is never called. Here a session is one connection, each message is tried once, and what a
failure means is decided by how far the conversation had come: only the reply after the closing dot says
whether the server took the message over (RFC 5321 §4.2.5 and §6.1).
"""

from include.gateways.mail_server.account import SmtpAccount
from include.gateways.mail_server.compose import compose
from include.gateways.mail_server.rehearsal import FolderMailServer, NoMailServer
from include.gateways.mail_server.server import SmtpMailServer

__all__ = ["FolderMailServer", "NoMailServer", "SmtpAccount", "SmtpMailServer", "compose"]
