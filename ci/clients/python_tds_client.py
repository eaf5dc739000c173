"""python-tds: does it get the expected answers? See run.sh for the environment."""

import pytds

from cases import DATABASE, HOST, PORT, drive


def connect(login, password):
    return pytds.connect(
        dsn=HOST,
        port=PORT,
        user=login,
        password=password,
        database=DATABASE,
        login_timeout=10,
        timeout=30,
    )


def error_number(error):
    return getattr(error, "number", None) or getattr(error, "msg_no", None)


drive(connect, error_number, "%s")
