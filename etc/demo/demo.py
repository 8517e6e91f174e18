"""The demo: starts a fake FCM and `carillon run` on the embedded default, publishes the sample, and shows what becomes of it."""
import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SETTLED_WITHIN = 50  # seconds: the last retry of a message that always fails is after 14


def fail(text):
    print(f"demo: {text}", file=sys.stderr)
    sys.exit(1)


class Processes:
    """What the demo started, to be stopped by its process id whatever happens."""

    def __init__(self):
        self._all = []

    def start(self, command, log, **options):
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True, **options)
        self._all.append(process)
        return process

    def stop(self):
        for process in reversed(self._all):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(35)
                except subprocess.TimeoutExpired:
                    process.kill()


def wait_for(what, ready, process, log, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            fail(f"{what} ended with status {process.returncode}; its log:\n{log.read_text()}")
        if answer := ready():
            return answer
        time.sleep(0.05)
    fail(f"{what} was not ready after {seconds} s; see {log}")


def request(url, method="GET", body=None):
    data = None if body is None else json.dumps(body).encode()
    call = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(call, timeout=10) as answer:
        return json.loads(answer.read() or "null")


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


class Demo:
    def __init__(self, build, once):
        self.build = (ROOT / build).resolve()
        self.once = once
        self.colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="carillon-demo-"))
        self.wrapper = self.build / "demo-carillon"
        self.processes = Processes()

    def bold(self, text):
        return f"\033[1m{text}\033[0m" if self.colour else text

    def say(self, text):
        print(self.bold(f"\n== {text}"), flush=True)

    def carillon(self, *words, check=True, **options):
        done = subprocess.run([str(self.wrapper), *words], text=True, **options)
        if check and done.returncode != 0:
            fail(f"`{self.wrapper.name} {' '.join(words)}` ended with status {done.returncode}")
        return done

    def json(self, *words):
        return json.loads(self.carillon(*words, "--format=json", stdout=subprocess.PIPE).stdout)

    def start_fake(self):
        self.say("starting a fake FCM (the real client never knows)")
        state, log = self.folder / "fcm", self.folder / "fcm.log"
        with log.open("w") as out:
            process = self.processes.start([str(self.build / "out/carillon-fake-fcm"), "--state", str(state), "--port", "0", "--http-admin-port", "0"], out)
        ready = state / "ready.json"
        self.fcm = json.loads(wait_for("the fake FCM", lambda: ready.exists() and ready.read_text(), process, log))
        script = json.loads((HERE / "devices.json").read_text())["fakeFcm"]
        request(self.fcm["admin"] + "/addresses", "POST", script["addresses"])
        request(self.fcm["admin"] + "/faults", "PUT", script["faults"])
        print(f"   {self.fcm['endpoint']}, {len(script['addresses'])} addresses, {len(script['faults'])} scripted faults")

    def write_wrapper(self):
        """A carillon that knows this demo's folder, so that the commands shown can be typed as they are."""
        settings = {
            "CARILLON_CONFIG": ROOT / "etc/carillon.yaml",
            "CARILLON_ENV": "dev",
            "CARILLON__STATE_DIR": self.folder / "state",
            "CARILLON__PLUGINS__DIRECTORIES": self.build / "plugins",
            "CARILLON__ADMIN__PORT": 8009 if is_free(8009) else 0,
            "CARILLON__PUSH__FCM__ENDPOINT": self.fcm["endpoint"],
            "CARILLON__PUSH__FCM__CA_FILE": self.fcm["caFile"],
            "CARILLON__PUSH__FCM__SERVICE_ACCOUNT_FILE": self.fcm["serviceAccountFile"],
        }
        lines = "".join(f"export {name}='{value}'\n" for name, value in settings.items())
        self.wrapper.write_text(f"#!/bin/sh\n# Made by bin/demo.\n{lines}exec '{self.build}/out/carillon' \"$@\"\n")
        self.wrapper.chmod(0o755)

    def start_carillon(self):
        self.say("starting carillon run")
        log = self.folder / "carillon.log"
        with log.open("w") as out:
            process = self.processes.start([str(self.wrapper), "run"], out)
        address = self.folder / "state/admin.address"
        self.admin = wait_for("carillon", lambda: address.exists() and address.read_text().strip(), process, log)
        wait_for("carillon", lambda: "master: ready" in log.read_text(), process, log)
        print("".join(line for line in log.read_text().splitlines(True) if line.startswith("  ")), end="")
        health = request(f"http://{self.admin}/health")
        print(f"   http://{self.admin}/health says {health['status']}")
        self.log = log

    def publish(self):
        self.say("registering devices, publishing etc/demo/notifications.jsonl")
        self.carillon("device:import", str(HERE / "devices.json"))
        done = self.carillon("publish", "notification.send", "--file", str(HERE / "notifications.jsonl"), "--format=json", check=False, stdout=subprocess.PIPE)
        result = json.loads(done.stdout)
        lines = sum(1 for line in (HERE / "notifications.jsonl").read_text().splitlines() if line.strip())
        print(f"   {lines} lines: {result['published']} published, {result['refused']} refused at the door (their lines and reasons are above)")
        if result["published"] + result["refused"] + result["duplicates"] != lines:
            fail("the numbers do not add up")
        self.published = result["published"]

    def watch(self):
        self.say("until all is settled")
        end = time.monotonic() + SETTLED_WITHIN
        shown = None
        while True:
            stats = self.json("stats")
            queue = stats["transports"]["notifications"]
            counts = stats["messages"].get("notification.send", {})
            row = {name: counts.get(name, 0) for name in ("done", "dead", "expired", "cancelled", "retries", "deferrals")}
            row = {"ready": queue["ready"], "taken": queue["taken"], "scheduled": queue["scheduled"], **row}
            if row != shown:
                if shown is None:
                    print("   " + "".join(f"{name:>11}" for name in row))
                text = "   " + "".join(f"{value:>11}" for value in row.values())
                print(f"\r{text}" if self.colour else text, end="" if self.colour else "\n", flush=True)
                shown = row
            self.deferred = self.json("queue:show", "notifications", "--scheduled") if row["scheduled"] and not row["ready"] and not row["taken"] else []
            # Deferred ones have had a turn without an attempt; those to be retried are waited for.
            waiting = [message for message in self.deferred if message["attempt"] > 1]
            if not row["ready"] and not row["taken"] and len(self.deferred) == row["scheduled"] and not waiting:
                break
            if time.monotonic() > end:
                fail(f"not settled after {SETTLED_WITHIN} s; see {self.log}")
            time.sleep(0.3)
        print()
        total = row["done"] + row["dead"] + row["expired"] + row["cancelled"] + row["scheduled"]
        if total != self.published:
            fail(f"{self.published} were published, but {total} are accounted for")
        journal = request(self.fcm["admin"] + "/stats")
        print(f"   {row['done']} done + {row['dead']} dead + {row['scheduled']} deferred = {self.published} published; the fake FCM delivered {journal['delivered']} pushes")

    def explain(self):
        self.say("what needs a person")
        for message in self.deferred:
            print(f"   deferred  {message['id']}  until {message['due_at']}: the user's ten a minute are used up; nothing to do")
        for message in self.json("failed:show")["messages"]:
            print(f"   dead      {message['id']}  after {message['attempts']} attempt{'s' if message['attempts'] > 1 else ''}: {message['error']}")
            print(f"             {os.path.relpath(self.wrapper)} failed:retry {message['id']}")

    def run(self):
        started = time.monotonic()
        try:
            self.start_fake()
            self.write_wrapper()
            self.start_carillon()
            self.publish()
            self.watch()
            self.explain()
            self.say(f"done in {time.monotonic() - started:.0f} s; the log is {self.log}")
            if not self.once:
                print(f"   http://{self.admin}/ stays up until Ctrl-C; its token is in {self.folder}/state/admin.token")
                print(f"   try: {os.path.relpath(self.wrapper)} stats")
                while True:
                    signal.pause()
        except KeyboardInterrupt:
            pass
        finally:
            print("\ndemo: stopping")
            self.processes.stop()
            if self.once:
                shutil.rmtree(self.folder, ignore_errors=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="bin/demo", description="Runs the main job on the embedded default, with a fake FCM.")
    parser.add_argument("build", help=argparse.SUPPRESS)
    parser.add_argument("--once", action="store_true", help="end by itself when all is settled")
    arguments = parser.parse_args()
    # A shell that starts this in the background leaves SIGINT ignored; both must end the demo and all that it started.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    Demo(arguments.build, arguments.once).run()
