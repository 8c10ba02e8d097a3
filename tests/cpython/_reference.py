"""CPython's own server over a folder, for comparison with this project's.

Prints one line of JSON: the Python version and a port for each protocol. It ends when
its standard input does, so that it never outlives the test that started it.
"""

import functools
import http.server
import json
import mimetypes
import sys
import threading


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    # Many requests come at once; none is to be turned away.
    request_queue_size = 128

    def handle_error(self, request, client_address):
        # A dropped connection is what is compared, not its traceback.
        pass


def serve(directory, version):
    handler = type("Handler", (Quiet,), {"protocol_version": version})
    server = Server(
        ("127.0.0.1", 0), functools.partial(handler, directory=directory)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


# Only Python's own table of media types, not the machine's.
mimetypes.init(files=[])
ports = {version: serve(sys.argv[1], version) for version in ("HTTP/1.0", "HTTP/1.1")}
print(json.dumps({"version": list(sys.version_info)[:3], "ports": ports}), flush=True)
sys.stdin.read()
