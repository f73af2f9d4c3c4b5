"""Starts one daemon and prints its process id. Run as `python3 -m world.launch`, with the order on stdin.

A process of its own, so that the daemon is nobody's child: whoever asked for it may go or stay, and
no zombie is left with either of them.
"""
import json
import subprocess
import sys


def main() -> None:
    order = json.load(sys.stdin)
    with open(order["log"], "ab") as log:
        daemon = subprocess.Popen(
            order["argv"], cwd=order["cwd"], env=order["env"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, umask=0o077 if order["private"] else 0o022, **order["identity"])
    print(daemon.pid)


main()
