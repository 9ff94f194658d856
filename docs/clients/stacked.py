#!/usr/bin/env python3
"""A client of `restage serve` in plain Python: stacked.py put NAME < FILE, stacked.py get NAME [VERSION] > FILE."""
import os
import sys
import zmq


def ask(message, url=os.environ.get("RESTAGE_STACKED", "tcp://127.0.0.1:5000"), timeout_ms=30_000):
    socket = zmq.Context.instance().socket(zmq.REQ)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RCVTIMEO, timeout_ms)
    socket.connect(url)
    socket.send(message)
    reply = socket.recv()
    socket.close()
    if reply.startswith(b"ERROR"):
        sys.exit(reply.decode())
    return reply


def put(name, content):
    # A TAB before each line, so that the content may hold anything, headers too.
    lines = content.split(b"\n")
    body = b"\n".join(b"\t" + line for line in lines[:-1]) + b"\n" if len(lines) > 1 else b""
    return ask(b"=====PUT " + name.encode() + b"\n" + body + (b"\t" + lines[-1] if lines[-1] else b""))


def get(name, version=""):
    reply = ask(b"=====GET " + name.encode() + (b"\n\t" + version.encode() if version else b""))
    body = reply.split(b"\n=====data\n", 1)[1]
    return body[1:].replace(b"\n\t", b"\n")


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in ("put", "get"):
        sys.exit(__doc__)
    if sys.argv[1] == "put":
        print(put(sys.argv[2], sys.stdin.buffer.read()).decode())
    else:
        sys.stdout.buffer.write(get(*sys.argv[2:4]))
