"""docker-compose.yml and the Dockerfile, read and checked: no engine runs on the machines that test this."""

import re
import shlex

import pytest
import yaml

from config.celery import HARD_LIMIT, QUEUES, app
from config.env import make_compose_secrets

from .test_rooms import ROOMS

OURS = ("migrate", "web", "worker", "beat")
LONG_RUNNING = ("postgres", "redis", "web", "worker", "beat")


@pytest.fixture(scope="module")
def compose(root):
    return yaml.safe_load((root / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def settings_variables(root):
    """Every variable that settings.py reads."""
    text = (root / "config" / "settings.py").read_text()
    return set(re.findall(r'(?:read|number)\(\s*env\.\w+,\s*["\']([A-Z_]+)["\']', text))


@pytest.fixture(scope="module")
def dockerfile(root):
    return (root / "Dockerfile").read_text()


def test_the_services(compose):
    assert set(compose["services"]) == {"postgres", "redis", "migrate", "web", "worker", "beat"}
    assert set(compose["volumes"]) == {"postgres", "data"}


def test_every_variable_is_one_that_settings_read(compose, settings_variables):
    for name in OURS:
        given = {variable.removesuffix("_FILE") for variable in compose["services"][name]["environment"]}
        assert given - settings_variables == set(), name


def test_every_secret_comes_from_a_file(compose):
    for name in OURS:
        service = compose["services"][name]
        environment = service["environment"]
        secrets = {"SECRET_KEY", "DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL", "EMAIL_URL"}
        assert secrets & set(environment) == set()
        for secret in secrets:
            file = environment[f"{secret}_FILE"]
            assert file == f"/run/secrets/{secret.lower()}"
            assert secret.lower() in service["secrets"]
    for name, secret in compose["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
    used = {secret for service in compose["services"].values() for secret in service.get("secrets", [])}
    assert used == set(compose["secrets"])


def test_the_secret_files_are_those_that_make_secrets_writes(compose, tmp_path):
    make_compose_secrets(tmp_path / "secrets")
    written = {path.name for path in (tmp_path / "secrets").iterdir() if path.is_file()}
    assert written == set(compose["secrets"])
    assert "./secrets/field-keys:/run/field-keys:ro" in compose["services"]["web"]["volumes"]


def test_the_secrets_are_neither_committed_nor_in_the_image(root):
    assert "/secrets/" in (root / ".gitignore").read_text().splitlines()
    assert {"secrets", "var", ".git", ".env*"} <= set((root / ".dockerignore").read_text().splitlines())


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_change_nothing_but_the_data(compose, name):
    service = compose["services"][name]
    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["tmpfs"] == ["/tmp"]
    assert "data:/data" in service["volumes"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_every_long_running_service_has_a_health_check_and_comes_back(compose, name):
    service = compose["services"][name]
    assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert service["healthcheck"]["retries"] >= 3
    assert service["restart"] == "unless-stopped"


def test_our_health_checks_exist(compose):
    for name in ("web", "worker", "beat"):
        assert compose["services"][name]["healthcheck"]["test"] == ["CMD", "python", "-m", "config.health", name]


def test_migrate_runs_once_and_before_the_others(compose):
    assert compose["services"]["migrate"]["restart"] == "no"
    assert compose["services"]["migrate"]["command"] == ["python", "-m", "config.prepare", "--no-demo"]
    for name in ("web", "worker", "beat"):
        conditions = {key: value["condition"] for key, value in compose["services"][name]["depends_on"].items()}
        assert conditions == {
            "postgres": "service_healthy",
            "redis": "service_healthy",
            "migrate": "service_completed_successfully",
        }


def test_only_the_web_is_reached_and_only_from_this_host(compose):
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:${WEB_PORT:-8000}:8000"]}
    assert compose["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "redis"):
        assert compose["services"][name]["networks"] == ["inside"]


def test_the_worker_is_scalable_and_serves_every_queue(compose):
    worker = compose["services"]["worker"]
    assert {"container_name", "hostname", "ports"} & set(worker) == set()
    assert worker["command"][worker["command"].index("--queues") + 1] == ",".join(QUEUES)


def test_every_task_and_every_ring_names_a_queue_that_is_served(root):
    text = "\n".join(path.read_text() for room in ROOMS for path in (root / room).rglob("*.py"))
    assert set(re.findall(r'queue="(\w+)"', text)) - set(QUEUES) == set()
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert set(app.conf.task_routes) == ours
    assert {route["queue"] for route in app.conf.task_routes.values()} - set(QUEUES) == set()


def test_beat_rings_only_tasks_that_exist():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} - set(app.tasks) == set()


def test_a_worker_is_given_time_to_finish_its_task(compose):
    assert int(compose["services"]["worker"]["stop_grace_period"].removesuffix("s")) > HARD_LIMIT


def test_the_web_runs_several_processes(compose):
    command = compose["services"]["web"]["command"]
    assert command[command.index("--workers") + 1] == "${WEB_WORKERS:-4}"
    assert command[command.index("--blocking-threads") + 1] == "1"


def test_commands_are_understood_by_the_programs_they_start(compose):
    """The options exist: granian and celery parse them (help is asked for, so that nothing starts)."""
    from celery.bin.celery import celery
    from click.testing import CliRunner
    from granian.cli import cli

    for name in ("web", "worker", "beat"):
        program, *options = [re.sub(r"\$\{\w+:-(\w+)\}", r"\1", part) for part in compose["services"][name]["command"]]
        command, tail = (cli, options) if program == "granian" else (celery, options)
        result = CliRunner().invoke(command, [*tail, "--help"])
        assert result.exit_code == 0, shlex.join(options) + result.output


def test_images_are_pinned_to_a_version(compose, dockerfile):
    images = [compose["services"][name]["image"] for name in ("postgres", "redis")]
    images += re.findall(r"^ARG PYTHON_IMAGE=(\S+)$", dockerfile, re.M)
    assert len(images) == 3
    for image in images:
        assert re.fullmatch(r"[a-z]+:\d+\.\d+(\.\d+)?-[a-z-]+(@sha256:[0-9a-f]{64})?", image), image


def test_the_image_is_built_in_two_stages_from_hashes_and_not_as_root(dockerfile):
    assert len(re.findall(r"^FROM \$\{PYTHON_IMAGE\}", dockerfile, re.M)) == 2
    assert "--require-hashes" in dockerfile
    assert dockerfile.rindex("USER 10001:10001") > dockerfile.rindex("\nRUN ")


def test_every_requirement_has_a_hash(root):
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = re.sub(r"^\s*#.*\n", "", (root / name).read_text(), flags=re.M)
        pins = [entry for entry in re.sub(r"\\\n\s*", " ", text).splitlines() if entry.strip()]
        assert len(pins) > 20
        assert [pin.split()[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == [], name
