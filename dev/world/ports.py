"""Free ports on loopback, chosen once and kept, so that a restarted server has its old address."""
from __future__ import annotations

import pathlib
import random
import socket

LOWEST = 15000


def free(port: int) -> bool:
    """Whether a server could listen there now. (Sockets in TIME_WAIT don't keep it from that.)"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError:
            return False
    return True


def choose(taken: set[int]) -> int:
    """A free port that is none of `taken`.

    Below the kernel's range for outgoing connections: inside it, somebody's connection may sit on the
    port of a server that is down for a moment, and a client that keeps trying such a port will sooner
    or later connect to itself.
    """
    highest = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0]) - 1
    if highest - LOWEST < 1000:
        lowest, highest = 1024, 65535
    else:
        lowest = LOWEST
    for _ in range(1000):
        port = random.randint(lowest, highest)
        if port not in taken and free(port):
            return port
    raise OSError("no free port on 127.0.0.1")
