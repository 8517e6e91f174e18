"""What the end-to-end tests share: the real program, a fake FCM, and a look at both that does not go through the code under test.

Every test has a folder of its own, ports are free ones, and what was started is ended by its process id. Waiting is for conditions, with
deadlines; nothing sleeps for a time that somebody guessed.
"""
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

sys.dont_write_bytecode = True


def setting(name):
    value = os.environ.get(name)
    if not value:
        sys.exit(f"{name} is not set; run this by ctest, or see tests/integration/e2e/README.md")
    return pathlib.Path(value)


PROGRAM = setting("CARILLON_PROGRAM")
FAKE_FCM = setting("CARILLON_FAKE_FCM")
PLUGINS = setting("CARILLON_PLUGINS")
SOURCE = setting("CARILLON_SOURCE_DIR")

# A loaded machine is slower; what is measured by deadline only is given more time by this factor, what is promised is not.
PATIENCE = float(os.environ.get("CARILLON_TEST_PATIENCE", "1"))

READY_WITHIN = 30
USAGE = 2
CONFIGURATION = 78

PR_SET_CHILD_SUBREAPER = 36


def become_subreaper():
    """Children of a master that was killed become ours, so that we know them, and can wait for them, exactly."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def until(condition, what, seconds=30, interval=0.02):
    """The first true answer of `condition`."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        if answer := condition():
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds * PATIENCE:.0f} s still not: {what() if callable(what) else what}")
        time.sleep(interval)


def http(url, method="GET", body=None, headers=None, timeout=10):
    """(status, headers, text). Errors of HTTP are answers, too."""
    data = body.encode() if isinstance(body, str) else body
    call = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(call, timeout=timeout) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode(errors="replace")


class Process:
    """A child of the test with its log in a file."""

    def __init__(self, command, log, env=None, cwd=None, stdin=subprocess.DEVNULL):
        self.log = log
        with open(log, "ab") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=stdin, env=env, cwd=cwd, start_new_session=True)
        self.pid = self._process.pid

    def is_alive(self):
        return self._process.poll() is None

    @property
    def status(self):
        """As subprocess has it: minus the signal when one ended it; None while it runs."""
        return self._process.poll()

    def signal(self, number):
        self._process.send_signal(number)

    def kill(self):
        self._process.kill()
        self._process.wait()

    def wait(self, seconds=30):
        try:
            return self._process.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"process {self.pid} still runs after {seconds * PATIENCE:.0f} s; its log ends:\n{self.tail()}") from None

    def stop(self, seconds=30):
        """Its exit status after TERM."""
        if self.is_alive():
            self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def text(self):
        return pathlib.Path(self.log).read_text(errors="replace")

    def tail(self, lines=40):
        return "\n".join(self.text().splitlines()[-lines:])


class FakeFcm:
    """The fake, and its journal: what was delivered, by its own account."""

    def __init__(self, folder, *options):
        self.state = folder / "fcm"
        self.process = Process([FAKE_FCM, "--state", self.state, "--port", "0", "--http-admin-port", "0", "--die-with-parent", *options], folder / "fcm.log")
        ready = self.state / "ready.json"
        until(lambda: ready.exists() or not self.process.is_alive(), "the fake FCM is ready")
        if not ready.exists():
            raise AssertionError(f"the fake FCM did not start:\n{self.process.text()}")
        self.ready = json.loads(ready.read_text())

    def call(self, path, method="GET", body=None):
        status, _, text = http(self.ready["admin"] + path, method, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
        if status >= 300:
            raise AssertionError(f"{method} {path} of the fake FCM answered {status}: {text}")
        return json.loads(text) if text else None

    def register(self, *addresses, **attributes):
        self.call("/addresses", "POST", [{"address": address, "kind": "token", **attributes} for address in addresses])

    def script(self, *faults):
        self.call("/faults", "PUT", list(faults))

    def heal(self):
        self.call("/faults", "DELETE")

    def _all(self, path):
        entries, since = [], 0
        while True:
            page = self.call(f"{path}?since={since}&limit=10000")
            if not page["entries"]:
                return entries
            entries += page["entries"]
            since = page["next"]

    def journal(self):
        return self._all("/journal")

    def requests(self):
        """To messages:send only; the token endpoint is not a push."""
        return [request for request in self._all("/requests") if request["path"].endswith("messages:send")]

    def delivered(self):
        return self.call("/stats")["delivered"]


def processes():
    """{pid: (ppid, state, words)} of everything that runs here."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            words = pathlib.Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
            fields = pathlib.Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found[int(entry)] = (int(fields[1]), fields[0], [word.decode(errors="replace") for word in words])
    return found


class Child:
    """A child of a master, by its command line: `carillon … role=worker group=default index=0 … master=4711`."""

    def __init__(self, pid, words):
        self.pid = pid
        facts = dict(word.split("=", 1) for word in words[2:] if "=" in word)
        self.role = facts["role"]
        self.group = facts["group"]
        self.index = int(facts["index"])
        self.generation = int(facts["generation"])
        self.master = int(facts["master"])

    def __repr__(self):
        return f"{self.role} {self.group}/{self.index} (pid {self.pid}, of master {self.master})"


class ServiceManager:
    """What systemd hears by sd_notify."""

    def __init__(self, path):
        self.path = path
        self.heard = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(path))

    def has(self, word):
        self.listen()
        return word in self.heard

    def listen(self):
        while True:
            try:
                self.heard += self._socket.recv(65536).decode(errors="replace").splitlines()
            except BlockingIOError:
                return self.heard

    def close(self):
        self._socket.close()


class Carillon:
    """One installation: configuration, state folder, and the commands on it."""

    def __init__(self, folder, fcm=None, config="carillon.yaml", environment="test", **settings):
        self.folder = folder
        self.state = folder / "state"
        self.config = SOURCE / "etc" / config
        self.log = folder / "carillon.log"
        self.masters = []
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("CARILLON")}
        self.env.update({"NO_COLOR": "1", "TZ": "UTC", "CARILLON_ENV": environment, "CARILLON_CONFIG": str(self.config)})
        self.set(state_dir=self.state, plugins__directories=PLUGINS, admin__port=0, store__free_disk_floor=0)
        if fcm is not None:
            self.set(push__fcm__endpoint=fcm.ready["endpoint"], push__fcm__ca_file=fcm.ready["caFile"],
                     push__fcm__service_account_file=fcm.ready["serviceAccountFile"])
        self.set(**settings)

    def set(self, **settings):
        """Keys as in the files, with __ for the dot: notification__rate_limit=100."""
        for key, value in settings.items():
            self.env["CARILLON__" + key.upper()] = str(value)

    def unset(self, *keys):
        for key in keys:
            self.env.pop("CARILLON__" + key.upper(), None)

    def run(self, *words, stdin=None, env=None, timeout=60, prefix=()):
        """One command to its end, with its texts and exit status."""
        given = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin if isinstance(stdin, bytes) else stdin.encode()}
        done = subprocess.run([*prefix, PROGRAM, *map(str, words)], **given, capture_output=True, env=env or self.env, timeout=timeout * PATIENCE,
                              check=False)
        done.stdout = done.stdout.decode(errors="replace")
        done.stderr = done.stderr.decode(errors="replace")
        return done

    def ok(self, *words, **options):
        done = self.run(*words, **options)
        if done.returncode != 0:
            raise AssertionError(f"`carillon {' '.join(map(str, words))}` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def json(self, *words, **options):
        return json.loads(self.ok(*words, "--format=json", **options))

    def stats(self):
        return self.json("stats")

    def counts(self, type="notification.send"):
        names = ("done", "dead", "expired", "cancelled", "retries", "deferrals")
        found = self.stats()["messages"].get(type, {})
        return {name: found.get(name, 0) for name in names}

    def register(self, fcm, users):
        """`users`: {user: [address, …]}, at the fake too."""
        if fcm is not None:
            fcm.register(*(address for addresses in users.values() for address in addresses))
        devices = [{"userId": user, "devices": [{"kind": "token", "value": address, "platform": "android", "application": "test"} for address in addresses]}
                   for user, addresses in users.items()]
        self.ok("device:import", "-", stdin=json.dumps({"users": devices}))

    def publish(self, messages, *options, type="notification.send", **how):
        """JSON lines by standard input; the report."""
        lines = "".join((message if isinstance(message, str) else json.dumps(message)) + "\n" for message in messages)
        done = self.run("publish", type, "--file=-", "--format=json", *options, stdin=lines, **how)
        if done.returncode not in (0, 1) or not done.stdout:
            raise AssertionError(f"publish ended with {done.returncode}: {done.stdout}{done.stderr}")
        report = json.loads(done.stdout)
        report["errors"] = done.stderr.splitlines()
        return report

    def start(self, *words, wait=True, prefix=()):
        """A master, ready for work unless `wait` is false."""
        manager = ServiceManager(self.folder / f"notify-{len(self.masters)}")
        master = Process([*prefix, PROGRAM, *map(str, words or ("run",))], self.log, {**self.env, "NOTIFY_SOCKET": str(manager.path)})
        master.manager = manager
        self.masters.append(master)
        if wait:
            self.wait_ready(master)
        return master

    def wait_ready(self, master):
        until(lambda: master.manager.has("READY=1") or not master.is_alive(), lambda: f"carillon is ready; its log ends:\n{master.tail()}", READY_WITHIN)
        if not master.manager.has("READY=1"):
            raise AssertionError(f"carillon ended with {master.status}; its log ends:\n{master.tail()}")

    def children(self, role=None, master=None):
        """Living children of any master of this installation, the former ones included."""
        ours = {process.pid for process in self.masters}
        found = []
        for pid, (_, state, words) in processes().items():
            if state in "ZX" or len(words) < 3 or not any(word.startswith("role=") for word in words):
                continue
            try:
                child = Child(pid, words)
            except (KeyError, ValueError):
                continue
            if child.master in ours and role in (None, child.role) and master in (None, child.master):
                found.append(child)
        return found

    def stop(self):
        """Of a teardown: nothing of it runs afterwards."""
        for master in self.masters:
            if master.is_alive():
                master.signal(signal.SIGTERM)
        for master in self.masters:
            try:
                master.wait(15)
            except AssertionError:
                master.kill()
            master.manager.close()
        for child in self.children():
            try:
                os.kill(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def database(self):
        """The store's file, read beside the program."""
        connection = sqlite3.connect(f"file:{self.state / 'carillon.db'}?mode=ro", uri=True, timeout=30)
        connection.row_factory = sqlite3.Row
        return connection

    def rows(self, query, *values):
        connection = self.database()
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def waiting(self, transport="notifications"):
        """What the queue still holds, in any state."""
        return self.rows("SELECT COUNT(*) AS n FROM messages JOIN queues ON queues.id = messages.queue WHERE queues.name = ?", transport)[0]["n"]

    def drained(self, seconds=60, transport="notifications"):
        until(lambda: self.waiting(transport) == 0 and self.rows("SELECT COUNT(*) AS n FROM outbox")[0]["n"] == 0,
              lambda: f"queue {transport} is empty ({self.waiting(transport)} left); the log ends:\n{self.masters[-1].tail() if self.masters else ''}",
              seconds, interval=0.05)

    @property
    def admin(self):
        return "http://" + until(lambda: (self.state / "admin.address").exists() and (self.state / "admin.address").read_text().strip(), "admin.address is there")

    @property
    def token(self):
        return (self.state / "admin.token").read_text().strip()


def message(user="u-1", type="alert", title="Title", body="Body", service="diabetes", **data):
    return {"userId": user, "type": type, "title": title, "body": body, "data": data, "serviceName": service}


class EndToEndTest(unittest.TestCase):
    """A folder, and helpers whose processes end with the test. The logs of a failed test are shown."""

    def setUp(self):
        become_subreaper()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="carillon-e2e-"))
        self._carillons = []
        self._fakes = []
        self.addCleanup(self._end)

    def _end(self):
        for carillon in self._carillons:
            carillon.stop()
        for fake in self._fakes:
            fake.process.stop()
        outcome = getattr(self._outcome, "result", None)
        failed = outcome is not None and any(test is self for test, _ in outcome.failures + outcome.errors)
        if failed:
            for log in sorted(self.folder.glob("**/*.log")):
                print(f"--- {log.name} of {self.id()} ends:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-60:]), file=sys.stderr)
        if failed and os.environ.get("CARILLON_TEST_KEEP"):
            print(f"--- kept: {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def sub_folder(self, name):
        folder = self.folder / name
        folder.mkdir()
        return folder

    def fake(self, *options, folder=None):
        fake = FakeFcm(folder or self.folder, *options)
        self._fakes.append(fake)
        return fake

    def carillon(self, fcm=None, folder=None, **settings):
        carillon = Carillon(folder or self.folder, fcm, **settings)
        self._carillons.append(carillon)
        return carillon

    def say(self, text):
        print(f"   {text}", flush=True)


def main():
    unittest.main(verbosity=2)
