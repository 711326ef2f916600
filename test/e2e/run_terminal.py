"""Types at a shell on a terminal, as somebody would who runs commands under `zerogravity run`.

usage: run_terminal.py CHECK PROGRAM…: the words before `--` of a run."""

import os
import pty
import re
import select
import sys
import time

check, program = sys.argv[1], " ".join(sys.argv[2:])


class Terminal:
    def __init__(self):
        self.seen = ""
        child, self.master = pty.fork()
        if child == 0:
            os.environ.update(PS1="prompt> ", TERM="dumb")
            os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
        self.expect("prompt> ")

    def type(self, text):
        os.write(self.master, text.encode())

    def expect(self, pattern):
        """Everything up to the match is forgotten."""
        end = time.monotonic() + 30
        while not (found := re.search(pattern, self.seen)):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.master], [], [], left)[0]:
                sys.exit(f"waited for {pattern!r}, have {self.seen!r}")
            self.seen += os.read(self.master, 4096).decode(errors="replace")
        self.seen = self.seen[found.end():]


terminal = Terminal()


def interrupt():
    terminal.type(f"{program} -- bash -c 'trap \"echo int''errupted; exit 3\" INT; echo rea''dy; while :; do sleep 1; done'; echo code-$?\n")
    terminal.expect("ready\r")
    terminal.type("\x03")
    terminal.expect("interrupted\r")
    terminal.expect("code-3")


def suspend():
    terminal.type(f"{program} -- bash -c 'echo rea''dy; read line; echo got-$line'\n")
    terminal.expect("ready\r")
    terminal.type("\x1a")
    terminal.expect("Stopped")
    terminal.expect("prompt> ")
    terminal.type("fg\n")
    terminal.expect("fg\r")
    terminal.type("hel''lo\n")
    terminal.expect("got-hel''lo")
    terminal.expect("prompt> ")


def goes_on():
    """Without Ctrl-Z, as a program that keeps its terminal."""
    terminal.type(f"{program} -- bash -c 'trap \"\" TSTP; echo rea''dy; read line; echo got-$line'\n")
    terminal.expect("ready\r")
    terminal.type("\x1a")
    terminal.expect(r"\^Z")
    terminal.type("hel''lo\n")
    terminal.expect("got-hel''lo")
    terminal.expect("prompt> ")


def background():
    terminal.type("set -b\n")  # says at once what becomes of jobs
    terminal.expect("prompt> ")
    terminal.type(f"{program} -- bash -c 'read line; echo got-$line' &\n")
    terminal.expect("Stopped")
    terminal.type("fg\n")
    terminal.expect("fg\r")
    terminal.type("hel''lo\n")
    terminal.expect("got-hel''lo")
    terminal.expect("prompt> ")


def stops_itself():
    terminal.type(f"{program} -- sh -c 'kill -STOP $$; echo went-''on'\n")
    terminal.expect("Stopped")
    terminal.expect("prompt> ")
    terminal.type("fg\n")
    terminal.expect("went-on")


def window():
    terminal.type("stty rows 33 cols 77\n")
    terminal.expect("prompt> ")
    terminal.type(f"{program} -- stty size\n")
    terminal.expect("33 77")


def reads_terminal():
    terminal.type(f"{program} -- cat | tr a-z A-Z\n")
    terminal.type("shout\n")
    terminal.expect("SHOUT")
    terminal.type("\x04")
    terminal.expect("prompt> ")


globals()[check]()
