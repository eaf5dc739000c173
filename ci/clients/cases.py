"""The cases of cases.tsv, and the server and logins of the environment, for the Python drivers."""

import os
import sys
from pathlib import Path

HOST, _, PORT = os.environ["WATERTIGHT_ADDRESS"].rpartition(":")
PORT = int(PORT)
DATABASE = os.environ["WATERTIGHT_DATABASE"]


def credentials(principal):
    """Login and password of a principal."""
    prefix = "WATERTIGHT_" + principal.upper()
    return os.environ[prefix + "_LOGIN"], os.environ[prefix + "_PASSWORD"]


def cases():
    """Principal, expected ("ok" or an error number) and statement of every case."""
    for line in Path(__file__).with_name("cases.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t", 2)


class Checks:
    """Prints one line per check and remembers whether one failed."""

    def __init__(self):
        self.failures = 0

    def check(self, name, expected, found):
        if str(expected) == str(found):
            print(f"ok    {name}")
        else:
            print(f"FAIL  {name}: expected {expected}, got {found}")
            self.failures += 1

    def exit(self):
        sys.exit(1 if self.failures else 0)


def drive(connect, error_number, parameter):
    """Runs everything through a driver.

    connect(login, password) gives a DB-API connection, error_number(error) SQL Server's number
    of an exception, parameter is the driver's placeholder.
    """
    checks = Checks()

    def outcome(login, password, statement, values=None):
        try:
            connection = connect(login, password)
            try:
                cursor = connection.cursor()
                cursor.execute(statement, values) if values else cursor.execute(statement)
                return "ok" if cursor.description is None else cursor.fetchall() and "ok"
            finally:
                connection.close()
        except Exception as error:  # the drivers' hierarchies differ; the number decides
            return error_number(error) or repr(error)

    for principal, expected, statement in cases():
        login, password = credentials(principal)
        checks.check(f"{principal}: {statement}", expected, outcome(login, password, statement))

    login, password = credentials("app_rw")
    checks.check("wrong password", 18456, outcome(login, "not-" + password, "SELECT 1"))

    connection = connect(login, password)
    cursor = connection.cursor()
    text = "Grüße, O'Brien 😀"
    cursor.execute(f"SELECT {parameter}, CAST(12.50 AS DECIMAL(9, 2)), SUSER_SNAME()", (text,))
    row = cursor.fetchone()
    # As a float: python-tds drops the zero of 12.50.
    checks.check("a parameter comes back", (text, 12.5, login), (row[0], float(row[1]), row[2]))
    connection.rollback()

    cursor.execute("SELECT @@TRANCOUNT")
    before = cursor.fetchone()[0]
    cursor.execute("DELETE FROM dbo.InvoiceLines WHERE 1 = 0")
    connection.rollback()
    cursor.execute("SELECT @@TRANCOUNT")
    checks.check("a rollback by the driver", before, cursor.fetchone()[0])
    connection.close()
    checks.exit()
