"""No secret, no person and no machine of ours in the repository. Works offline: it reads what Git keeps."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.conftest import ROOT

LARGEST = 1 << 20
SECRETS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
    "an AWS key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of GitHub, GitLab or Slack": re.compile(
        r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-)[\w-]{20,}"
    ),
    "a JSON web token": re.compile(r"\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}"),
    "a Fernet key": re.compile(r"""(?<![\w+/=-])[\w-]{43}=(?![\w=])"""),
    "a password in an address": re.compile(r"://[\w.-]+:(?!\$|\{|[^@\s]*[{}$<>])[^@/\s\"']{4,}@"),
}
PROBES = {
    "a private key": "-----BEGIN " + "RSA PRIVATE KEY-----",
    "an AWS key": "AKIA" + "ABCDEFGHIJKLMNOP",
    "a token of GitHub, GitLab or Slack": "ghp_" + "a" * 36,
    "a JSON web token": ".".join(("eyJ" + "a" * 20, "eyJ" + "b" * 20, "c" * 20)),
    "a Fernet key": "K" * 43 + "=",
    "a password in an address": "postgresql://duban:" + "s3cretword@db/ledger",
}
MADE_UP = re.compile(r"^(?:tests|bench)/")
"""Where made-up passwords and keys are what is tested with; real ones of a known shape are looked for here too."""
KNOWN_SHAPES = ("a private key", "an AWS key", "a token of GitHub, GitLab or Slack", "a JSON web token")


def kept() -> dict[str, str]:
    """Path → text of everything in Git that is text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("needs a clone of the repository with Git installed: apt-get install git")
    texts = {}
    for name in listed.stdout.decode().split("\0"):
        file = ROOT / name
        if name and file.is_file() and file.stat().st_size <= LARGEST:
            content = file.read_bytes()
            if b"\0" not in content:
                texts[name] = content.decode("utf-8", errors="replace")
    return texts


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return kept()


@pytest.mark.parametrize("what", SECRETS)
def test_no_secret_is_kept(texts: dict[str, str], what: str) -> None:
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}"
        for name, text in texts.items()
        if what in KNOWN_SHAPES or not MADE_UP.match(name)
        for match in SECRETS[what].finditer(text)
    ]
    assert found == [], what


@pytest.mark.parametrize("what", SECRETS)
def test_a_secret_would_be_found(what: str) -> None:
    assert SECRETS[what].search(f'value = "{PROBES[what]}"')


def test_files_of_an_office_are_not_kept(texts: dict[str, str]) -> None:
    forbidden = re.compile(
        r"(^|/)(\.env|access/access\.yaml|secrets\.json|passwords\.json|.*\.(pem|key|p12|pfx))$"
    )
    assert [name for name in texts if forbidden.search(name)] == []


def test_no_package_index_and_no_home_folder_is_named(texts: dict[str, str]) -> None:
    named = re.compile(r"(?:--index-url|--extra-index-url|/home/[a-z]+/|/Users/[A-Za-z]+/)\s*\S")
    pins = [name for name in texts if name.startswith("requirements")]
    assert len(pins) >= 4
    assert [name for name in pins if named.search(texts[name])] == []
