"""docs/reference/privileges.md says what the database does, line by line."""

from __future__ import annotations

from pathlib import Path

from tests.eventstore.guards.attacks import ACCEPTED, ATTACKS, UPDATES, Attack
from tests.eventstore.guards.conftest import World

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/privileges.md"

_ON_TABLES = """
SELECT string_agg(
         p.name || CASE WHEN has_table_privilege(%(role)s, c.oid, p.name) THEN ''
                        ELSE (SELECT format(
                                  ' (%%s)',
                                  string_agg(a.attname, ', ' ORDER BY a.attnum))
                                FROM pg_attribute AS a
                               WHERE a.attrelid = c.oid AND a.attnum > 0
                                 AND has_column_privilege(
                                     %(role)s, c.oid, a.attnum, p.name)) END,
         ', ' ORDER BY p.place)
  FROM pg_class AS c,
       unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER'])
       WITH ORDINALITY AS p(name, place)
 WHERE c.oid = %(table)s::regclass
   AND (has_table_privilege(%(role)s, c.oid, p.name)
        OR p.name IN ('SELECT', 'INSERT', 'UPDATE')
           AND has_any_column_privilege(%(role)s, c.oid, p.name))
"""


def _table(heading: str) -> list[list[str]]:
    """Return the rows of the page's table that begins with ``heading``."""
    lines = PAGE.read_text(encoding="utf-8").split(f"| {heading} |", 1)[1].split("\n\n")
    rows = lines[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def _cell(attack: Attack, world: str) -> str:
    if attack.expected(world) == ACCEPTED:
        return f"accepted: {attack.consequence}"
    return "refused"


def test_the_page_tells_of_each_attack_what_the_tests_assert() -> None:
    expected = [["UPDATE of any column of an event", "refused", "refused"]] + [
        [attack.name, _cell(attack, "one role"), _cell(attack, "hardened")]
        for attack in ATTACKS
        if attack not in UPDATES
    ]
    assert _table("attack") == expected
    assert {
        _cell(attack, world) for attack in UPDATES for world in ("one role", "")
    } == {"refused"}


def test_the_page_tells_each_role_s_rights_on_tables(hardened: World) -> None:
    rows = _table("table")
    assert len(rows) == 7
    with hardened.superuser() as cursor:
        for name, *told in rows:
            for role, rights in zip(("_writer", "_redactor", ""), told, strict=True):
                cursor.execute(
                    _ON_TABLES,
                    {"role": f"{hardened.role}{role}", "table": name.strip("`")},
                )
                [(found,)] = cursor.fetchall()
                assert (name, role, found or "–") == (name, role, rights)  # noqa: RUF001


def test_the_page_tells_as_whom_each_function_runs(hardened: World) -> None:
    told = {
        name.strip("`"): (f"{hardened.role}_{runs_as}", may == "yes")
        for name, runs_as, may in _table("function")
    }
    with hardened.superuser() as cursor:
        cursor.execute(
            "SELECT proname, pg_get_userbyid(proowner)::text,"
            " has_function_privilege(%s, oid, 'EXECUTE')"
            " FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef",
            [hardened.role],
        )
        found = {name: (owner, may) for name, owner, may in cursor}
    assert found == told
