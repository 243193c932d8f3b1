"""Importing much: every code object is met for the first time, and most are entered once."""

import importlib

UNITS = 1
FRESH = True
EXACT = False  # the file system and what was imported before have a say

MODULES = """
    argparse ast asyncio calendar concurrent.futures configparser csv ctypes dataclasses decimal difflib doctest
    email.message email.mime.text ftplib html.parser http.client http.cookiejar http.server imaplib inspect ipaddress
    json logging.config logging.handlers mailbox multiprocessing.pool optparse pdb pickle pkgutil plistlib pprint
    pydoc random sched shelve smtplib socketserver statistics string tarfile tempfile textwrap tomllib traceback
    unittest unittest.mock urllib.request uuid wsgiref.simple_server xml.dom.minidom xml.etree.ElementTree
    xmlrpc.client xmlrpc.server zipapp zipfile zoneinfo
"""


def run(n: int) -> None:
    for _ in range(n):
        for name in MODULES.split():
            importlib.import_module(name)
