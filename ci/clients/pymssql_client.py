"""pymssql (FreeTDS inside): does it get the expected answers? See run.sh for the environment."""

import pymssql

from cases import DATABASE, HOST, PORT, drive


def connect(login, password):
    return pymssql.connect(
        server=HOST,
        port=str(PORT),
        user=login,
        password=password,
        database=DATABASE,
        login_timeout=10,
        timeout=30,
        tds_version="7.4",
        charset="UTF-8",
    )


def error_number(error):
    arguments = error.args
    # A failed connection wraps its messages once more.
    while arguments and isinstance(arguments[0], tuple):
        arguments = arguments[0]
    return arguments[0] if arguments and isinstance(arguments[0], int) else None


drive(connect, error_number, "%s")
