"""The production set-up without Docker: every name in it must exist in what it names."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from demo.compose import VARIABLE
from demo.compose import filled as _filled
from include.cli.__main__ import app
from include.gateways.access_file import AccessFile
from include.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
CONNECTION = "AIRFLOW_CONN_DUBAN_"
OFFICE_FOLDER = "./access"
"""Made by the office and not in the repository: it says who may do what."""
IN_THE_IMAGE = {"home", "access", "ledger_url", "campaigns", "settlement_queries"}
"""Settings whose value is fixed by what the image and the compose file themselves hold."""
OF_CONTAINERS = {"inbox", "archive"}
"""Their default is a volume."""

# Airflow's own account of itself, asked in a process of its own: importing it here would bring its
# warnings, its log set-up and its home folder into this one.
ASK_AIRFLOW = """
import json, shlex, sys
from airflow.cli.cli_parser import get_parser
from airflow.configuration import retrieve_configuration_description
parser, refused = get_parser(), []
for command in json.load(sys.stdin):
    try:
        parser.parse_args(shlex.split(command))
    except SystemExit:
        refused.append(command)
sections = retrieve_configuration_description(include_providers=True)
known = [f"AIRFLOW__{s.replace('.', '_').upper()}__{o.upper()}" for s, d in sections.items() for o in d["options"]]
print(json.dumps({"refused": refused, "known": known}))
"""


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _script(command: list[str]) -> Path:
    """The file of ours that a service runs, by where the image has it."""
    shell, path = command
    assert shell == "bash"
    return ROOT / path.removeprefix("/opt/airflow/")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(_text("docker-compose.yml"))


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    return compose["services"]


@pytest.fixture(scope="module")
def airflow_services(services: dict[str, Any]) -> dict[str, Any]:
    return {name: service for name, service in services.items() if service["image"].startswith("duban:")}


@pytest.fixture(scope="module")
def example() -> dict[str, str]:
    lines = [line for line in _text(".env.example").splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


@pytest.fixture(scope="module")
def commands(airflow_services: dict[str, Any]) -> list[str]:
    """Every call of the airflow command, as its arguments."""
    found = []
    for service in airflow_services.values():
        command = service["command"]
        if isinstance(command, str):
            found.append(command)
        elif command[0] == "bash":
            script = _script(command).read_text(encoding="utf-8").replace("\\\n", " ")
            found += [
                line.removeprefix("airflow ") for line in script.splitlines() if line.startswith("airflow ")
            ]
        check = " ".join(service.get("healthcheck", {}).get("test", []))
        if "airflow jobs" in check:
            found.append(_filled(check.split("airflow ", 1)[1], {}))
    return found


@pytest.fixture(scope="module")
def airflow_facts(
    commands: list[str], airflow_services: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    environment = airflow_services["api-server"]["environment"]
    manager = "AIRFLOW__CORE__AUTH_MANAGER"
    executor = "AIRFLOW__CORE__EXECUTOR"
    answer = subprocess.run(
        [sys.executable, "-c", ASK_AIRFLOW],
        input=json.dumps(commands),
        env={
            **os.environ,
            "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow")),
            manager: environment[manager],
            executor: environment[executor],
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(answer.stdout.splitlines()[-1])


def test_the_file_keeps_to_the_compose_specification() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [*check, str(ROOT / "docker-compose.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_every_component_of_airflow_is_there(airflow_services: dict[str, Any]) -> None:
    assert set(airflow_services) == {
        "airflow-init",
        "api-server",
        "scheduler",
        "dag-processor",
        "triggerer",
        "worker",
        "backup",
        "watch",
    }


def test_the_watch_is_a_command_of_ours_with_options_it_knows(services: dict[str, Any]) -> None:
    python, module, name, command, *options = services["watch"]["command"]
    assert (python, module, name) == ("python", "-m", "include.cli")
    chosen = get_command(app).commands[command].make_context(command, options).params
    assert chosen["airflow"] == "http://api-server:8080"
    assert 0 < chosen["every"] <= 60
    assert timedelta(seconds=chosen["every"], minutes=chosen["silent"] + 1) <= timedelta(minutes=10)


def test_two_schedulers_stand_in_for_each_other_and_workers_can_be_added(services: dict[str, Any]) -> None:
    assert services["scheduler"]["deploy"]["replicas"] == 2
    assert services["worker"]["deploy"]["replicas"] == 2
    # A fixed name or port would allow one copy only.
    for name in ("scheduler", "worker"):
        assert not {"container_name", "ports"} & set(services[name])


def test_only_the_mail_catcher_waits_for_the_demo(services: dict[str, Any]) -> None:
    assert {name for name, service in services.items() if "profiles" in service} == {"mailpit"}
    assert services["mailpit"]["profiles"] == ["demo"]


def test_what_is_sent_is_remembered_by_all_workers_alike(services: dict[str, Any]) -> None:
    """Outside the ledger and on a volume: a worker of its own memory would not see that a backup was restored."""
    from include.assembly import looking

    home = services["worker"]["environment"]["DUBAN_HOME"]
    mark = looking(Settings(home=Path(home)), ledger_url="sqlite://").watermark._file
    assert f"sending-mark:{mark.parent}" in services["worker"]["volumes"]


def test_the_queue_outlives_a_crash_of_its_server(services: dict[str, Any]) -> None:
    command = services["redis"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert "queue:/data" in services["redis"]["volumes"]


def test_the_access_file_is_where_the_settings_say(airflow_services: dict[str, Any]) -> None:
    for name in ("airflow-init", "api-server", "worker"):
        service = airflow_services[name]
        file = Path(service["environment"]["DUBAN_ACCESS"])
        assert f"{OFFICE_FOLDER}:{file.parent}:ro" in service["volumes"]
    assert AccessFile(ROOT / "deploy" / "access.example.yaml").access().users


def test_the_image_has_fonts_an_office_suite_and_a_client_of_the_database(services: dict[str, Any]) -> None:
    image = _text("Dockerfile")
    for package in (
        "fonts-noto-cjk",
        "libreoffice-writer-nogui",
        "libreoffice-calc-nogui",
        "postgresql-client",
    ):
        assert package in image
    assert services["postgres"]["image"].startswith("postgres:15-")


@pytest.mark.parametrize("service", ["airflow-init", "backup"])
def test_scripts_of_services_are_in_the_image(services: dict[str, Any], service: str) -> None:
    assert _script(services[service]["command"]).exists()
    assert "COPY --chown=airflow:0 deploy /opt/airflow/deploy" in _text("Dockerfile")


def test_every_airflow_command_exists(commands: list[str], airflow_facts: dict[str, Any]) -> None:
    assert {"api-server", "scheduler", "dag-processor", "triggerer", "celery worker", "db migrate"} <= set(
        commands
    )
    assert airflow_facts["refused"] == []


def test_every_airflow_setting_exists(
    airflow_services: dict[str, Any], airflow_facts: dict[str, Any]
) -> None:
    for service in airflow_services.values():
        used = {name for name in service["environment"] if name.startswith("AIRFLOW__")}
        assert used
        assert used <= set(airflow_facts["known"])


def test_every_setting_of_the_embedded_stack_exists(airflow_facts: dict[str, Any], tmp_path: Path) -> None:
    from demo.environment import Ports, airflow_env

    used = {name for name in airflow_env(tmp_path, Ports()) if name.startswith("AIRFLOW__")}
    assert used <= set(airflow_facts["known"])


def test_every_own_setting_exists(airflow_services: dict[str, Any]) -> None:
    known = {f"DUBAN_{field.upper()}" for field in Settings.model_fields}
    for service in airflow_services.values():
        assert {name for name in service["environment"] if name.startswith("DUBAN_")} <= known


def test_an_office_can_choose_every_setting(airflow_services: dict[str, Any]) -> None:
    """With the default of the program, so that a line left out of ``.env`` changes nothing."""
    environment = airflow_services["worker"]["environment"]
    for field, about in Settings.model_fields.items():
        name = f"DUBAN_{field.upper()}"
        if field not in IN_THE_IMAGE:
            chosen = VARIABLE.fullmatch(environment[name])
            assert chosen, name
            if isinstance(about.default, int | str) and field not in OF_CONTAINERS:
                assert chosen[3] == str(about.default) or chosen[2] == "?", name


def test_own_settings_can_be_read_with_the_example_values(
    airflow_services: dict[str, Any], example: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in airflow_services["worker"]["environment"].items():
        if name.startswith("DUBAN_"):
            monkeypatch.setenv(name, _filled(str(value), example))
    assert Settings().send_mode == "off"


def test_connections_are_json_with_the_example_values(
    airflow_services: dict[str, Any], example: dict[str, str]
) -> None:
    environment = airflow_services["worker"]["environment"]
    connections = {name: value for name, value in environment.items() if name.startswith(CONNECTION)}
    assert set(connections) == {f"{CONNECTION}LEDGER", f"{CONNECTION}SMTP"}
    for value in connections.values():
        assert json.loads(_filled(value, example))["conn_type"] in {"postgres", "smtp"}


def test_airflow_and_the_command_line_work_on_the_same_ledger(airflow_services: dict[str, Any]) -> None:
    environment = airflow_services["worker"]["environment"]
    word = {"DUBAN_LEDGER_PASSWORD": "word"}
    ledger = json.loads(_filled(environment[f"{CONNECTION}LEDGER"], word))
    assert _filled(environment["DUBAN_LEDGER_URL"], word) == (
        f"postgresql+psycopg://{ledger['login']}:{ledger['password']}@{ledger['host']}:{ledger['port']}/{ledger['schema']}"
    )
    assert f"CREATE DATABASE {ledger['schema']} " in _text("deploy/create-ledger-database.sh")


def test_nothing_is_sent_until_somebody_turns_it_on(
    example: dict[str, str], services: dict[str, Any]
) -> None:
    assert example["DUBAN_SEND_MODE"] == "off"
    assert _filled(services["worker"]["environment"]["DUBAN_SEND_MODE"], {}) == "off"


def test_what_a_service_waits_for_exists_and_can_become_so(services: dict[str, Any]) -> None:
    for service in services.values():
        for name, wanted in service.get("depends_on", {}).items():
            assert name in services
            if wanted["condition"] == "service_healthy":
                assert "test" in services[name]["healthcheck"]


def test_every_service_that_stays_has_a_health_check_and_comes_back(services: dict[str, Any]) -> None:
    for name, service in services.items():
        if name != "airflow-init":
            assert service["healthcheck"]["test"]
            assert service["restart"] == "unless-stopped"


def test_every_volume_is_declared_and_used(compose: dict[str, Any], services: dict[str, Any]) -> None:
    mounted = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    named = {source for source in mounted if not source.startswith(".")}
    assert named == set(compose["volumes"])
    assert all((ROOT / source).exists() for source in mounted - named - {OFFICE_FOLDER})


def test_no_image_floats(services: dict[str, Any]) -> None:
    base = re.findall(r"^FROM (\S+)", _text("Dockerfile"), re.M)
    for image in [service["image"] for service in services.values()] + base:
        tag = image.partition(":")[2]
        assert re.search(r"\d", tag), image
        assert tag != "latest"


def test_no_secret_stands_in_the_file(services: dict[str, Any]) -> None:
    secret = re.compile(r"PASSWORD|SECRET|KEY|AUTH$|LOGIN|RESULT_BACKEND|BROKER_URL|CONN|LEDGER_URL")
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            if secret.search(name) and "@" not in value and '"' not in value:
                assert VARIABLE.fullmatch(value), name
            for literal in re.findall(r"://[^:/@]*:([^@]*)@|\"password\": \"([^\"]*)\"", value):
                assert VARIABLE.fullmatch("".join(literal)), name


def test_no_secret_stands_in_the_example(example: dict[str, str]) -> None:
    assert all(not value for name, value in example.items() if re.search(r"PASSWORD|SECRET|KEY", name))


def test_the_example_explains_exactly_what_the_file_asks_for(example: dict[str, str]) -> None:
    asked = {match[1] for match in VARIABLE.finditer(_text("docker-compose.yml"))}
    assert asked == set(example)


def test_what_has_no_default_stops_with_a_sentence(example: dict[str, str]) -> None:
    for name, kind, words in VARIABLE.findall(_text("docker-compose.yml")):
        assert kind, name
        if kind == "?":
            assert words == f"请在 .env 中填写 {name}"


def test_the_image_has_what_the_flows_import() -> None:
    copied = set(re.findall(r"^COPY --chown=\S+ (\w+) /opt/airflow/\w+$", _text("Dockerfile"), re.M))
    sources = [file for folder in ("dags", "plugins", "include") for file in (ROOT / folder).rglob("*.py")]
    imported = {
        name
        for file in sources
        for name in re.findall(r"^\s*(?:from|import) (\w+)", file.read_text(encoding="utf-8"), re.M)
    }
    own = {folder.name for folder in ROOT.iterdir() if (folder / "__init__.py").exists()}
    assert "include" in imported & own
    assert imported & own <= copied
    assert {"dags", "plugins"} <= copied


def test_the_builder_is_sent_what_the_image_copies() -> None:
    sent = {line[1:] for line in _text(".dockerignore").splitlines() if line.startswith("!")}
    copied = set(re.findall(r"^COPY --chown=\S+ (\S+) ", _text("Dockerfile"), re.M))
    assert copied == sent


def test_the_image_is_not_run_as_root() -> None:
    assert re.findall(r"^USER (\w+)$", _text("Dockerfile"), re.M)[-1] == "airflow"


def test_the_image_is_of_the_airflow_that_is_tested() -> None:
    pinned = re.search(r"^apache-airflow==(\S+)", _text("requirements.txt"), re.M)
    assert pinned is not None
    assert f"FROM apache/airflow:{pinned[1]}-python3.11\n" in _text("Dockerfile")


@pytest.mark.parametrize(
    "script",
    [
        "deploy/create-ledger-database.sh",
        "deploy/init.sh",
        "deploy/nightly-backup.sh",
        "tests/cluster/install.sh",
        ".ci/run",
    ],
)
def test_scripts_are_executable_and_parse(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    done = subprocess.run(
        shlex.split(f"bash -n {script}"), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
