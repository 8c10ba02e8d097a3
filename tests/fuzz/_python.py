"""Responds to JSON requests, one per line, with the results of Python's own functions."""

import email.message
import email.utils
import datetime
import html
import json
import posixpath
import sys
import urllib.parse


def http_date(text):
    """The date of If-Modified-Since as `SimpleHTTPRequestHandler.send_head()` reads it."""
    try:
        date = email.utils.parsedate_to_datetime(text)
    except (TypeError, IndexError, OverflowError, ValueError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=datetime.timezone.utc)
    if date.tzinfo is not datetime.timezone.utc:
        return None
    return int(date.timestamp())


def parameters(value):
    message = email.message.Message()
    message["Content-Type"] = value
    return message.get_params([])


FUNCTIONS = {
    "format": lambda template, args: template % tuple(args),
    "unquote": lambda text, errors: urllib.parse.unquote(text, errors=errors),
    "quote": lambda text: urllib.parse.quote(text, errors="surrogatepass"),
    "escape": lambda text, quote: html.escape(text, quote),
    "repr": repr,
    "splitext": lambda path: list(posixpath.splitext(path)),
    "urlsplit": lambda url: list(urllib.parse.urlsplit(url)),
    "date": http_date,
    "parameters": parameters,
}

for line in sys.stdin:
    name, args = json.loads(line)
    try:
        answer = {"value": FUNCTIONS[name](*args)}
    except Exception as error:
        answer = {"error": type(error).__name__}
    print(json.dumps(answer), flush=True)
