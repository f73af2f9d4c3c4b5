"""A private world on loopback: PostgreSQL, Synapse, Postfix, Dovecot, and the desk between them.

The demo, the tests and the benchmarks all run in such a world. It lives in one directory, listens on
127.0.0.1 alone, knows nothing of the system's own servers and can't send anything off the machine.
"""
