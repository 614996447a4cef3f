from __future__ import annotations

import getpass
import json
from contextlib import closing
from pathlib import Path
from typing import Any, List

import pytest
from typer.testing import Result

from agent.cli.bot import app
from agent.cli.qr import qr
from agent.clock import SystemClock
from agent.domain.access import ChatKind, Member, Role
from agent.errors import BeffroiError, ConfigError, StoreError
from agent.store.audit import Audit
from agent.store.bot_name import BotName
from agent.store.database import Database, open_beside
from agent.store.invitations import Invitation, Invitations
from agent.store.members import Members
from tests.fakes.changes import AT
from tests.fakes.cli import runner

ANNA = Member(7, ChatKind.PRIVATE, "Anna [bold]", Role.ADMIN, "en", AT, "shell:root")
CREW = Member(
    -10040, ChatKind.GROUP, "Crew 4", Role.OPERATOR, "fr", AT, "telegram:7", False, "bot was blocked"
)
CLOCK = SystemClock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def opened(folder: Path) -> Database:
    return open_beside(folder / "beffroi.db", CLOCK)


@pytest.fixture
def peopled(folder: Path) -> Path:
    with closing(opened(folder)) as database:
        members = Members(database, CLOCK)
        members.admit(ANNA)
        members.admit(CREW)
    return folder


def run(folder: Path, *arguments: str) -> Result:
    result = runner().invoke(app, [*arguments, "--folder", str(folder)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def rows(result: Result) -> List[Any]:
    found = json.loads(result.stdout)
    assert isinstance(found, list)
    return found


def redeem(folder: Path, code: str) -> object:
    with closing(opened(folder)) as database:
        return Invitations(database, CLOCK).redeem(code, 9)


def test_before_the_first_start_the_first_code_lets_an_admin_in(folder: Path) -> None:
    result = run(folder, "pair")
    code = result.stdout.split()[0]
    assert (
        f"Send `/start {code}` to your bot within 15 minutes: it lets one chat in as admin." in result.stdout
    )
    assert "t.me" not in result.stdout
    assert redeem(folder, code) == Invitation(Role.ADMIN, f"shell:{getpass.getuser()}")


def test_the_next_ones_let_viewers_in_unless_told_otherwise(peopled: Path) -> None:
    assert "in as viewer." in run(peopled, "pair").stdout
    assert "in as enroller." in run(peopled, "pair", "--role", "enroller").stdout


def test_where_the_bot_is_known_its_address_is_told(peopled: Path) -> None:
    with closing(opened(peopled)) as database:
        BotName(database).put("tower_bot")
    told = run(peopled, "pair")
    code = told.stdout.split()[0]
    assert "to @tower_bot within" in told.stdout
    assert f"Or open https://t.me/tower_bot?start={code.replace('-', '')}\n" in told.stdout
    given = json.loads(run(peopled, "pair", "--json", "--role", "operator").stdout)
    assert given["link"].startswith("https://t.me/tower_bot?start=")
    assert given["role"] == "operator"
    assert redeem(peopled, given["link"].partition("=")[2]) == redeem_of(Role.OPERATOR)


def redeem_of(role: Role) -> Invitation:
    return Invitation(role, f"shell:{getpass.getuser()}")


def test_who_has_no_login_is_told_by_number(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)
    run(folder, "pair")
    (one,) = rows(run(folder, "invitations", "--json"))
    assert one["by"].startswith("shell:")
    assert one["by"][6:].isdigit()


@pytest.mark.parametrize(
    ("lasts", "spoken"),
    [
        ("90s", "90 seconds"),
        ("90", "90 seconds"),
        ("1m", "1 minute"),
        ("15M", "15 minutes"),
        ("2h", "2 hours"),
        ("24h", "1 day"),
        ("30d", "30 days"),
    ],
)
def test_how_long_a_code_is_good_can_be_said(folder: Path, lasts: str, spoken: str) -> None:
    assert f"within {spoken}:" in run(folder, "pair", "--lasts", lasts).stdout


@pytest.mark.parametrize("lasts", ["0", "31d", "soon", "-5m", "1.5h", ""])
def test_a_time_that_is_none_is_refused_and_no_code_issued(folder: Path, lasts: str) -> None:
    result = run(folder, "pair", f"--lasts={lasts}")
    assert result.exit_code == 2
    assert "15m" in result.stderr
    assert not folder.exists()


def config(tmp_path: Path, folder: Path, more: str = "") -> str:
    path = tmp_path / "beffroi.yaml"
    path.write_text(f"cameras: [scene:]\nstore: {{folder: {folder}}}\n{more}")
    return str(path)


def test_the_configuration_says_where_and_how_long(tmp_path: Path, folder: Path) -> None:
    telegram = "telegram: {token: '12345:abcdefghijklmnopqrstuvwxyz', invitation_s: 3600}\n"
    result = runner().invoke(app, ["pair", "--config", config(tmp_path, folder, telegram)])
    assert "within 1 hour" in result.stdout
    assert "abcdefghijklmnopqrstuvwxyz" not in result.output
    assert result.stderr == ""
    assert len(rows(run(folder, "invitations", "--json"))) == 1


def test_without_a_bot_a_code_is_issued_but_not_without_saying_so(tmp_path: Path, folder: Path) -> None:
    result = runner().invoke(app, ["pair", "--config", config(tmp_path, folder)])
    assert result.exit_code == 0
    assert "no telegram section" in result.stderr
    missing = runner().invoke(app, ["members", "--config", str(tmp_path / "missing.yaml")])
    assert isinstance(missing.exception, ConfigError)


def test_members_are_listed(peopled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    table = run(peopled, "members").stdout
    for word in ("Anna [bold]", "admin", "yes", "-10040", "Crew 4", "fr", "bot was blocked", "telegram:7"):
        assert word in table
    crew, anna = rows(run(peopled, "members", "--json"))
    assert crew == {
        "chat": -10040,
        "kind": "group",
        "title": "Crew 4",
        "role": "operator",
        "language": "fr",
        "joined_at": "2026-01-01T12:00:00+00:00",
        "invited_by": "telegram:7",
        "alerts": False,
        "unreachable": "bot was blocked",
    }
    assert anna["title"] == "Anna [bold]"


def test_where_there_is_nothing_it_says_what_to_do(folder: Path) -> None:
    for verb in ("members", "invitations", "audit"):
        with pytest.raises(StoreError, match="there is no database"):
            run(folder, verb)
    opened(folder).close()
    assert "`beffroi bot pair` prints a code" in run(folder, "members").stdout
    assert "`beffroi bot pair` issues one" in run(folder, "invitations").stdout
    assert run(folder, "audit").stdout == "nothing was ordered yet\n"
    assert rows(run(folder, "members", "--json")) == rows(run(folder, "audit", "--json")) == []


def test_a_role_is_given_also_to_a_group(peopled: Path) -> None:
    result = run(peopled, "role", "-10040", "viewer")
    assert (result.stdout, result.stderr) == ("chat -10040 is viewer now\n", "")
    result = run(peopled, "role", "7", "operator")
    assert "no admin is left: `beffroi bot pair --role admin`" in result.stderr
    assert [one["role"] for one in rows(run(peopled, "members", "--json"))] == ["viewer", "operator"]


def test_a_chat_is_revoked(peopled: Path) -> None:
    assert run(peopled, "revoke", "-10040").stdout == "chat -10040 is let in no more\n"
    assert [one["chat"] for one in rows(run(peopled, "members", "--json"))] == [7]
    assert "no admin is left" in run(peopled, "revoke", "7").stderr


@pytest.mark.parametrize("order", [["role", "8", "admin"], ["revoke", "-8"]])
def test_a_chat_that_is_no_member_is_said_to_be_none(peopled: Path, order: List[str]) -> None:
    with pytest.raises(BeffroiError, match=f"chat {order[1]} is no member: `beffroi bot members`"):
        run(peopled, *order)
    assert rows(run(peopled, "audit", "--json")) == []


@pytest.mark.parametrize(
    "order", [["role", "7", "chief"], ["role", "Anna", "admin"], ["revoke"], ["revoke", "--all"]]
)
def test_an_order_that_makes_no_sense_changes_nothing(peopled: Path, order: List[str]) -> None:
    assert run(peopled, *order).exit_code == 2
    assert len(rows(run(peopled, "members", "--json"))) == 2


def test_open_invitations_are_listed_and_taken_back(peopled: Path) -> None:
    code = run(peopled, "pair", "--role", "operator").stdout.split()[0]
    table = run(peopled, "invitations").stdout
    assert "operator" in table
    assert code not in table
    (one,) = rows(run(peopled, "invitations", "--json"))
    assert (one["role"], one["by"]) == ("operator", f"shell:{getpass.getuser()}")
    assert run(peopled, "invitations", "--withdraw").stdout == "1 invitation taken back\n"
    assert json.loads(run(peopled, "invitations", "--withdraw", "--json").stdout) == {"withdrawn": 0}
    assert redeem(peopled, code) is None


def test_the_audit_tells_orders_of_the_shell_and_of_chats(peopled: Path) -> None:
    with closing(opened(peopled)) as database:
        Members(database, CLOCK).remember(7, "Anna [red]")
        Audit(database, CLOCK).note(-10040, 7, "ack", "fire-1")
        Audit(database, CLOCK).note(-10040, 8, "silence", "yard", "refused: viewer")
    code = run(peopled, "pair", "--role", "viewer").stdout.split()[0]
    run(peopled, "role", "7", "viewer")
    run(peopled, "revoke", "7")
    result = run(peopled, "audit", "--json")
    assert [(one["action"], one["subject"]) for one in rows(result)] == [
        ("revoke", "7"),
        ("role", "7 viewer"),
        ("pair", "viewer"),
        ("silence", "yard"),
        ("ack", "fire-1"),
    ]
    assert code not in result.stdout
    assert [one["action"] for one in rows(run(peopled, "audit", "-n", "1", "--json"))] == ["revoke"]
    table = run(peopled, "audit").stdout
    for word in ("shell", "-10040", "8", "refused: viewer", "fire-1"):
        assert word in table


def test_people_are_called_by_their_names(peopled: Path) -> None:
    with closing(opened(peopled)) as database:
        Members(database, CLOCK).remember(7, "Anna [red]")
        Audit(database, CLOCK).note(7, 7, "ack", "fire-1")
    assert "Anna [red]" in run(peopled, "audit").stdout


def test_the_qr_code_is_square_and_bordered() -> None:
    lines = qr("https://t.me/tower_bot?start=K7QF2M9X").plain.splitlines()
    width = len(lines[0])
    assert {len(line) for line in lines} == {width}
    assert len(lines) == (width + 1) // 2
    assert set("".join(lines)) == set(" ▀▄█")
    assert not lines[0].strip()
    assert all(line.startswith("  ") and line.endswith("  ") for line in lines)
    # The corner that readers look for first.
    assert lines[1].startswith("  █▀▀▀▀▀█")


@pytest.mark.parametrize("terminal", [True, False])
def test_on_a_terminal_the_address_is_also_a_qr_code(
    peopled: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    with closing(opened(peopled)) as database:
        BotName(database).put("tower_bot")
    monkeypatch.setenv("FORCE_COLOR" if terminal else "NO_COLOR", "1")
    assert ("█▀▀▀▀▀█" in run(peopled, "pair").stdout) is terminal
