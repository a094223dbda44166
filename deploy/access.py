"""Gives Airflow's FAB auth manager the roles and users of the access file: ``python -m deploy.access``.

One file says who may do what; the desk reads it on every request, this script carries it over to Airflow itself.
It may run as often as one likes: what the file no longer grants is taken back, other roles are left alone.
Passwords are never written down: a new user has none until an administrator sets one.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Collection, Iterable
from typing import Any

from airflow.providers.fab.www.security import permissions as fab

from include.domain.access import OF_TIPS, Access, Grant, Right, Role
from include.gateways.access_file import AccessFile, BadAccessFile
from include.settings import ROOT, Settings
from include.wiring.approvals import USER_IDS

Permission = tuple[str, str]
"""FAB's action and resource."""

PREFIX = "督办·"
AIRFLOW_ADMIN = "Admin"
READ, EDIT, CREATE, MENU = (
    fab.ACTION_CAN_READ,
    fab.ACTION_CAN_EDIT,
    fab.ACTION_CAN_CREATE,
    fab.ACTION_CAN_ACCESS_MENU,
)

# The desk, and one's own password.
_EVERYBODY = {
    (READ, fab.RESOURCE_WEBSITE),
    (READ, fab.RESOURCE_PLUGIN),
    (MENU, fab.RESOURCE_PLUGIN),
    (READ, fab.RESOURCE_MY_PROFILE),
    (READ, fab.RESOURCE_MY_PASSWORD),
    (EDIT, fab.RESOURCE_MY_PASSWORD),
}
# Runs, logs and results name institutions of every county, so whoever sees one county sees none of them.
_RUNS_SEEN = {
    (MENU, fab.RESOURCE_DAG),
    *(
        (READ, each)
        for each in (
            fab.RESOURCE_DAG_RUN,
            fab.RESOURCE_TASK_INSTANCE,
            fab.RESOURCE_TASK_LOG,
            fab.RESOURCE_XCOM,
            fab.RESOURCE_DAG_VERSION,
            fab.RESOURCE_DAG_WARNING,
            fab.RESOURCE_HITL_DETAIL,
        )
    ),
}
_BY_RIGHT: dict[Right, set[Permission]] = {
    Right.ACT: {
        (CREATE, fab.RESOURCE_DAG_RUN),
        (EDIT, fab.RESOURCE_DAG_RUN),
        (EDIT, fab.RESOURCE_TASK_INSTANCE),
        (READ, fab.RESOURCE_IMPORT_ERROR),
        # 经办 is a hand of the office's staff; whose answer stands is looked at again when it is written down.
        (EDIT, fab.RESOURCE_HITL_DETAIL),
    },
    Right.SIGN: {(EDIT, fab.RESOURCE_HITL_DETAIL), (MENU, fab.RESOURCE_HITL_DETAIL)},
    Right.SEE_TRAIL: {(READ, fab.RESOURCE_AUDIT_LOG), (MENU, fab.RESOURCE_AUDIT_LOG)},
}
_WHO_EDITS = frozenset({Right.ACT, Right.SIGN})


def role_names(grant: Grant) -> list[str]:
    """The FAB roles that hold a grant: one for each campaign, or one for all."""
    if grant.role is Role.ADMIN:
        return [AIRFLOW_ADMIN]
    base = PREFIX + grant.role.zh
    return [f"{base}·{campaign}" for campaign in grant.campaigns] or [base]


def permissions(role: Role, campaign_id: str | None, dag_ids: Collection[str]) -> set[Permission]:
    """What a role may do in Airflow, for the DAGs of one campaign or of all."""
    granted = set(_EVERYBODY)
    if role is Role.VIEWER:
        return granted
    granted |= _RUNS_SEEN
    for right in role.rights:
        granted |= _BY_RIGHT.get(right, set())
    edits = bool(_WHO_EDITS & role.rights)
    for resource in _dags(role, campaign_id, dag_ids):
        granted |= {(READ, resource)} | ({(EDIT, resource)} if edits else set())
    return granted


def _dags(role: Role, campaign_id: str | None, dag_ids: Collection[str]) -> Iterable[str]:
    if role is Role.HOTLINE:
        return [f"{fab.RESOURCE_DAG_PREFIX}{each}" for each in dag_ids if each.startswith(OF_TIPS)]
    if campaign_id is None:
        return [fab.RESOURCE_DAG]
    own = [each for each in dag_ids if each.partition("__")[0] == campaign_id]
    acts = [each for each in dag_ids if each.startswith("desk_")] if Right.ACT in role.rights else []
    return [f"{fab.RESOURCE_DAG_PREFIX}{each}" for each in (*own, *acts)]


def apply(access: Access, dag_ids: Collection[str], manager: Any) -> list[str]:
    """Bring roles and users to what the file says; return a Chinese sentence for each change."""
    said: list[str] = []
    for name, role, campaign_id in _wanted_roles(access):
        if _grant(manager, name, permissions(role, campaign_id, dag_ids)):
            said.append(f"角色“{name}”的权限已更新")
    for user, grant in access.users.items():
        said += _assign(manager, user, grant)
    for user in manager.get_all_users():
        if user.username not in access.users and any(_is_ours(role) for role in user.roles):
            user.roles = [role for role in user.roles if not _is_ours(role)]
            manager.update_user(user)
            said.append(f"用户“{user.username}”已不在权限文件中，督办角色已收回")
    return said


def _wanted_roles(access: Access) -> set[tuple[str, Role, str | None]]:
    return {
        (name, grant.role, campaign_id)
        for grant in access.users.values()
        if grant.role is not Role.ADMIN
        for name, campaign_id in zip(role_names(grant), grant.campaigns or (None,), strict=True)
    }


def _grant(manager: Any, name: str, wanted: set[Permission]) -> bool:
    role = manager.add_role(name)
    held = {(each.action.name, each.resource.name): each for each in role.permissions}
    for action, resource in sorted(wanted - held.keys()):
        manager.add_permission_to_role(role, manager.create_permission(action, resource))
    for lost in held.keys() - wanted:
        manager.remove_permission_from_role(role, held[lost])
    return wanted != held.keys()


def _assign(manager: Any, user: str, grant: Grant) -> list[str]:
    roles = [manager.find_role(name) for name in role_names(grant)]
    known = manager.find_user(username=user)
    if known is None:
        post = grant.post or grant.role.zh
        # No address of a person: Airflow asks for one and never writes to it.
        email = f"{user}@{Settings().mail_domain}"
        manager.add_user(user, post, PREFIX.rstrip("·"), email, roles, secrets.token_urlsafe(32))
        return [f"用户“{user}”已建立，请设置密码：airflow users reset-password -u {user}"]
    others = [role for role in known.roles if not _is_ours(role)]
    if {role.name for role in known.roles} == {role.name for role in (*others, *roles)}:
        return []
    known.roles = [*others, *(role for role in roles if role not in others)]
    manager.update_user(known)
    return [f"用户“{user}”的角色已更新为{'、'.join(role.name for role in roles)}"]


def _is_ours(role: Any) -> bool:
    return bool(role.name.startswith(PREFIX))


def main() -> int:
    """Exit code 1, with the sentence, when the access file cannot be used."""
    from airflow.utils.providers_configuration_loader import providers_configuration_loaded

    return providers_configuration_loaded(_main)()


def _main() -> int:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.models import Variable
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    file = AccessFile(Settings().access_file)
    if not file.path.exists():
        print(f"没有权限文件{file.path.name}，请按 deploy/access.example.yaml 填写后再运行", file=sys.stderr)
        return 1
    try:
        access = file.access()
    except BadAccessFile as fault:
        print(fault, file=sys.stderr)
        return 1
    dag_ids = DagBag(str(ROOT / "dags")).dag_ids
    with get_application_builder() as builder:
        said = apply(access, dag_ids, builder.sm)
        ids = {user.username: str(user.id) for user in builder.sm.get_all_users()}
    # The SDK's own would ask the API of a task, and here is none.
    Variable.set(  # noqa: AIR311
        USER_IDS, json.dumps(ids), description="督办：Airflow 用户名到编号，签批任务据此指定人员"
    )
    print("\n".join(said) or "角色和用户与权限文件一致，没有变动")
    return 0


if __name__ == "__main__":
    sys.exit(main())
