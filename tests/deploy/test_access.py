"""What the roles of the office may do in Airflow, and that the script brings FAB there and keeps it there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from deploy.access import apply, permissions, role_names
from include.domain.access import Access, Grant, Role

DAGS = (
    "wushen_2024__self_check",
    "heshan_2020__inspection",
    "desk_tip_register",
    "desk_case_open",
    "collect_returns",
)
CAN_START = ("can_create", "DAG Runs")
CAN_ANSWER = ("can_edit", "HITL Detail")


@pytest.mark.parametrize(
    ("role", "campaign", "may", "may_not"),
    [
        (Role.OFFICER, None, {CAN_START, CAN_ANSWER, ("can_edit", "DAGs")}, {("can_read", "Audit Logs")}),
        (
            Role.OFFICER,
            "wushen_2024",
            {CAN_START, ("can_edit", "DAG:wushen_2024__self_check"), ("can_edit", "DAG:desk_case_open")},
            {("can_read", "DAGs"), ("can_read", "DAG:heshan_2020__inspection")},
        ),
        (Role.APPROVER, None, {CAN_ANSWER, ("can_edit", "DAGs")}, {CAN_START}),
        (
            Role.HOTLINE,
            None,
            {CAN_START, ("can_edit", "DAG:desk_tip_register")},
            {("can_read", "DAGs"), ("can_read", "DAG:desk_case_open")},
        ),
        (
            Role.AUDITOR,
            None,
            {("can_read", "DAGs"), ("can_read", "Audit Logs")},
            {CAN_START, ("can_edit", "DAGs")},
        ),
        (
            Role.VIEWER,
            None,
            {("can_read", "Plugins")},
            {("can_read", "DAGs"), ("can_read", "Task Logs"), CAN_START},
        ),
    ],
)
def test_what_a_role_may_do(
    role: Role, campaign: str | None, may: set[tuple[str, str]], may_not: set[tuple[str, str]]
) -> None:
    granted = permissions(role, campaign, DAGS)
    assert may <= granted
    assert not may_not & granted


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.ADMIN])
def test_nobody_but_an_administrator_touches_connections_variables_or_users(role: Role) -> None:
    kept = {"Connections", "Variables", "Users", "Roles", "Configurations", "Pools"}
    assert not kept & {resource for _, resource in permissions(role, None, DAGS)}


@pytest.mark.parametrize(
    ("grant", "names"),
    [
        (Grant(role=Role.ADMIN), ["Admin"]),
        (Grant(role=Role.OFFICER), ["督办·督办员"]),
        (Grant(role=Role.OFFICER, campaigns=("a", "b")), ["督办·督办员·a", "督办·督办员·b"]),
    ],
)
def test_a_role_for_each_campaign(grant: Grant, names: list[str]) -> None:
    assert role_names(grant) == names


class Manager:
    """FAB's security manager, as far as the script uses it."""

    def __init__(self) -> None:
        self.roles = {name: SimpleNamespace(name=name, permissions=[]) for name in ("Admin", "Viewer")}
        self.users: dict[str, Any] = {}

    def add_role(self, name: str) -> Any:
        return self.roles.setdefault(name, SimpleNamespace(name=name, permissions=[]))

    def find_role(self, name: str) -> Any:
        return self.roles[name]

    def create_permission(self, action: str, resource: str) -> Any:
        return SimpleNamespace(action=SimpleNamespace(name=action), resource=SimpleNamespace(name=resource))

    def add_permission_to_role(self, role: Any, permission: Any) -> None:
        role.permissions.append(permission)

    def remove_permission_from_role(self, role: Any, permission: Any) -> None:
        role.permissions.remove(permission)

    def find_user(self, username: str) -> Any:
        return self.users.get(username)

    def add_user(
        self, username: str, first: str, last: str, email: str, roles: list[Any], password: str
    ) -> None:
        assert len(password) > 30
        self.users[username] = SimpleNamespace(username=username, roles=list(roles))

    def update_user(self, user: Any) -> None:
        self.users[user.username] = user

    def get_all_users(self) -> list[Any]:
        return list(self.users.values())

    def held(self, user: str) -> set[str]:
        return {role.name for role in self.users[user].roles}


def access(**users: Grant) -> Access:
    return Access(users=users)


def test_running_it_twice_changes_nothing() -> None:
    manager = Manager()
    wanted = access(staff=Grant(role=Role.OFFICER), chief=Grant(role=Role.ADMIN))
    assert apply(wanted, DAGS, manager)
    assert apply(wanted, DAGS, manager) == []


def test_what_is_no_longer_granted_is_taken_back_and_other_roles_are_left() -> None:
    manager = Manager()
    apply(access(staff=Grant(role=Role.OFFICER), gone=Grant(role=Role.AUDITOR)), DAGS, manager)
    manager.users["gone"].roles.append(manager.roles["Viewer"])
    apply(access(staff=Grant(role=Role.APPROVER)), DAGS, manager)
    assert manager.held("staff") == {"督办·审批人"}
    assert manager.held("gone") == {"Viewer"}


def test_a_new_campaign_reaches_its_officer_when_it_runs_again() -> None:
    manager = Manager()
    wanted = access(staff=Grant(role=Role.OFFICER, campaigns=("wushen_2024",)))
    apply(wanted, DAGS, manager)
    apply(wanted, (*DAGS, "wushen_2024__conclusion"), manager)
    role = manager.roles["督办·督办员·wushen_2024"]
    assert ("can_read", "DAG:wushen_2024__conclusion") in {
        (each.action.name, each.resource.name) for each in role.permissions
    }
