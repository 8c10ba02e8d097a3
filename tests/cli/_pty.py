"""Runs a command on a terminal of its own.

Standard input is one JSON array: the command, then the steps. A step is ["wait", text],
["send", text], ["signal", name], ["request"], ["mode"] or ["hangup"]. ["request", type] asks for that
type, and adds the body to the output. Standard output is one JSON object: the terminal's output, the exit code, and whether the terminal's mode is as it was before.
"""

import json
import os
import pty
import re
import select
import signal
import sys
import termios
import time
import urllib.request

PATIENCE = 20


def main():
    command, *steps = json.load(sys.stdin)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    before = termios.tcgetattr(terminal)
    output = ""
    seen = 0
    deadline = time.monotonic() + PATIENCE
    status = None
    modes = []

    closed = False

    def read():
        """Reads for a moment; false once the terminal is closed."""
        nonlocal output
        if closed:
            time.sleep(0.05)
            return False
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                return False
            output += data.decode(errors="replace")
            return data != b""
        return True

    try:
        for kind, *values in steps:
            if kind == "wait":
                while True:
                    found = re.compile(values[0]).search(output, seen)
                    if found:
                        seen = found.end()
                        break
                    if not read() or time.monotonic() > deadline:
                        raise TimeoutError(f"{values[0]!r} in {output!r}")
            elif kind == "send":
                os.write(terminal, values[0].encode())
            elif kind == "signal":
                os.kill(pid, getattr(signal, values[0]))
            elif kind == "hangup":
                os.close(terminal)
                closed = True
            elif kind == "mode":
                modes.append(termios.tcgetattr(terminal) == before)
            elif kind == "request":
                port = re.search(r"\"port\":(\d+)| port (\d+) ", output)
                url = f"http://127.0.0.1:{port[1] or port[2]}/"
                request = urllib.request.Request(url, headers={"Accept": values[0]} if values else {})
                with urllib.request.urlopen(request, timeout=5) as response:
                    body = response.read().decode() if values else ""
                    output += f"[{response.status}]{body}"
        while status is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"it doesn't end: {output!r}")
            read()
            ended, code = os.waitpid(pid, os.WNOHANG)
            if ended:
                status = os.waitstatus_to_exitcode(code)
        while read() and select.select([terminal], [], [], 0.05)[0]:
            pass
    finally:
        if status is None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    try:
        restored = termios.tcgetattr(terminal) == before
    except (OSError, termios.error):
        restored = None
    json.dump(
        {"output": output, "code": status, "restored": restored, "modes": modes}, sys.stdout
    )


main()
