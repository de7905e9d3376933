#!/usr/bin/python3
"""A name server with faults: what it does is the first word of the name that is asked for.

    dead.test      no answer          refused.test   REFUSED        servfail.test   SERVFAIL
    nxdomain.test  no such name       garbage.test   bytes that are no answer
    slow.test      answers after half a second       any other      answers

The answer to a name is 127.0.0.1, or what its second word says: slow.127-1-0-9.test. SIGUSR1: answers everything at
once from now on. Prints a line when it is ready.
"""
import signal
import socket
import struct
import threading
import time

REFUSALS = {"refused": 5, "servfail": 2, "nxdomain": 3}
TYPE_A = 1
calm = False


def name_in(query):
    words, at = [], 12
    while query[at]:
        words.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    return words, at + 1


def answer_to(query):
    """None: nothing is said."""
    words, end = name_in(query)
    fault = "" if calm else words[0]
    if fault == "dead":
        return None
    if fault == "garbage":
        return query[:2] + b"\xff" * 30
    if fault == "slow":
        time.sleep(0.5)
    question, kind = query[12:end + 4], struct.unpack(">H", query[end:end + 2])[0]
    code, records = REFUSALS.get(fault, 0), b""
    if not code and kind == TYPE_A:
        address = words[1].replace("-", ".") if "-" in words[1] else "127.0.0.1"
        records = b"\xc0\x0c" + struct.pack(">HHIH", TYPE_A, 1, 0, 4) + socket.inet_aton(address)
    return query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, bool(records), 0, 0) + question + records


def serve(server, query, sender):
    try:
        if answer := answer_to(query):
            server.sendto(answer, sender)
    except (IndexError, UnicodeDecodeError, struct.error, OSError):
        pass  # no query


def become_calm(*_):
    global calm
    calm = True


def main():
    signal.signal(signal.SIGUSR1, become_calm)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    print("ready", flush=True)
    while True:
        query, sender = server.recvfrom(4096)
        threading.Thread(target=serve, args=(server, query, sender), daemon=True).start()


if __name__ == "__main__":
    main()
