"""kill -9 of workers, clerk, admin and master while messages flow: nothing confirmed is lost, nothing appears, effects happen once.

Beside them one publisher is killed, and one worker sleeps longer than its leases last.

Promises 1 and 2. The publisher keeps its own record, the fake FCM its own journal; the checker (tests/support/checker) compares them and
knows no code of Carillon. The test plays systemd: it starts the master again within a second of its death.

    CARILLON_KILL_MESSAGES   how many messages flow (20000)
    CARILLON_KILL_SEED       of the moments and the order of the kills; printed, so that a run can be repeated
"""
import collections
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

import harness

sys.path.insert(0, str(harness.SOURCE / "tests/support/checker"))
from total_queue import CONFIRMED, REFUSED, UNKNOWN, DuplicateRule, Publications, check  # noqa: E402

MESSAGES = int(os.environ.get("CARILLON_KILL_MESSAGES", "20000"))
SEED = int(os.environ.get("CARILLON_KILL_SEED", str(random.SystemRandom().randrange(1, 1 << 31))))

CHUNK = 500
BACKLOG = 2000
USERS = 50
PROCESSES, THREADS, MAX_BATCH = 2, 4, 64
IN_FLIGHT = THREADS * MAX_BATCH  # of one worker process
LEASE = 3  # seconds
VICTIMS = ["worker"] * 5 + ["clerk"] * 2 + ["admin"] * 2 + ["master"] * 3 + ["publisher"] + ["pause"]

# The numbers in the store's file, see port::PushState. An intent that was left by who died or slept reads as unknown.
ACCEPTED = 1
UNKNOWN_PUSH = (0, 3)


class Publisher(threading.Thread):
    """Publishes chunks by the command, and keeps a record that shares nothing with the program but its exit status and report."""

    def __init__(self, carillon, chunks, delivered):
        super().__init__(name="publisher")
        self._carillon = carillon
        self._chunks = chunks
        self._delivered = delivered
        self.record = Publications()
        self.current = None  # the command that runs
        self.failure = None
        self.published = 0   # messages whose outcome is known
        self.notes = []

    def run(self):
        try:
            for number, chunk in enumerate(self._chunks):
                # Not all at once: it must flow while there are kills.
                harness.until(lambda: self.published - self._delivered() < BACKLOG, "the backlog is short enough to publish on", 240)
                self._publish(number, chunk)
        except Exception as error:  # told by the main thread
            self.failure = error

    def _publish(self, number, chunk):
        path = self._carillon.folder / f"chunk-{number}.jsonl"
        path.write_text("".join(json.dumps(message) + "\n" for message in chunk))
        command = [harness.PROGRAM, "publish", "notification.send", f"--file={path}", "--format=json", "--patience=60s"]
        self.current = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self._carillon.env, text=True)
        out, errors = self.current.communicate()
        status = self.current.returncode
        outcomes = [UNKNOWN] * len(chunk)
        if status in (0, 1) and out:
            report = json.loads(out)
            outcomes = [CONFIRMED] * len(chunk)
            for line in errors.splitlines():
                if f"{path}:" in line:
                    outcomes[int(line.split(f"{path}:")[1].split(":")[0]) - 1] = REFUSED
            if report["published"] != outcomes.count(CONFIRMED) or report["duplicates"] != 0:
                raise AssertionError(f"the publisher's report does not add up: {report}, {errors}")
        else:
            self.notes.append(f"chunk {number}: publish ended with {status}: {errors.strip()[-300:]}")
        for message, outcome in zip(chunk, outcomes):
            self.record.record(message["data"]["value"], outcome)
        self.published += len(chunk)
        path.unlink()


class Watcher(threading.Thread):
    """Looks all the time whether workers of two masters live side by side."""

    def __init__(self, carillon):
        super().__init__(name="watcher", daemon=True)
        self._carillon = carillon
        self._end = threading.Event()
        self.looks = 0
        self.overlaps = []

    def run(self):
        while not self._end.wait(0.02):
            workers = self._carillon.children("worker")
            self.looks += 1
            if len({worker.master for worker in workers}) < 2:
                continue
            # A look takes time: the one seen first may have ended before the other began. Those that are still there live side by side.
            pids = {worker.pid for worker in self._carillon.children("worker")}
            both = [worker for worker in workers if worker.pid in pids]
            if len({worker.master for worker in both}) > 1:
                self.overlaps.append(both)

    def end(self):
        self._end.set()
        self.join()


class KillTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.kills = collections.Counter()
        self.restarts = []

    def test_nothing_is_lost_and_effects_happen_once(self):
        self.say(f"CARILLON_KILL_SEED={SEED} CARILLON_KILL_MESSAGES={MESSAGES}")
        fcm = self.fake()
        carillon = self.carillon(
            fcm, groups__default__processes=PROCESSES, groups__default__threads=THREADS, groups__default__max_batch=MAX_BATCH,
            # What is tested is not how long a rate limit or a breaker holds messages back.
            notification__rate_limit=10000, notification__rate_window="1s", groups__default__breaker__deaths=1000, push__fcm__breaker__failures=0,
            # A killed worker's messages come back after their lease, a killed clerk's work after its own.
            transports__notifications__lease=f"{LEASE}s", clerk__lease="2s", log__level="notice")
        users = {f"u-{number}": [f"token-{number}"] for number in range(USERS)}
        carillon.register(fcm, users)
        messages = [harness.message(f"u-{self.random.randrange(USERS)}", self.random.choice(["alert", "alert", "reminder", "info"]), value=f"m-{number:06}")
                    for number in range(MESSAGES)]
        chunks = [messages[at:at + CHUNK] for at in range(0, MESSAGES, CHUNK)]

        carillon.start()
        self.assert_no_second_master(carillon)
        watcher = Watcher(carillon)
        watcher.start()
        publisher = Publisher(carillon, chunks, fcm.delivered)
        started = time.monotonic()
        publisher.start()
        self.kill_all(carillon, fcm, publisher)
        publisher.join()
        if publisher.failure:
            raise publisher.failure
        carillon.drained(240)
        watcher.end()
        took = time.monotonic() - started
        self.say(f"{MESSAGES} messages, {self.kills.total()} kills {dict(self.kills)}, drained after {took:.0f} s ({MESSAGES / took:.0f} a second)")
        for note in publisher.notes:
            self.say(note)

        self.assertEqual([], watcher.overlaps, "workers of two masters lived side by side")
        self.say(f"two masters never took together: {watcher.looks} looks; restarts took " + ", ".join(f"{seconds:.1f}" for seconds in self.restarts) + " s")
        self.check_history(carillon, fcm, publisher.record)
        self.check_effects(carillon, publisher.record)
        self.assertEqual(0, carillon.masters[-1].stop())
        self.assertEqual([], carillon.children(), "nothing is left behind")

    # -- the kills

    def kill_all(self, carillon, fcm, publisher):
        """One after the other, each when so many were delivered: the order and these numbers come from the seed."""
        victims = VICTIMS[:]
        self.random.shuffle(victims)
        moments = sorted(self.random.uniform(0.02, 0.9) for _ in victims)
        for victim, moment in zip(victims, moments):
            harness.until(lambda: fcm.delivered() >= moment * MESSAGES or publisher.failure or not carillon.masters[-1].is_alive(),
                          lambda: f"{moment:.0%} are delivered (now {fcm.delivered()}); the log ends:\n{carillon.masters[-1].tail()}", 240)
            if publisher.failure:
                raise publisher.failure
            self.assertTrue(carillon.masters[-1].is_alive(), f"the master ended by itself:\n{carillon.masters[-1].tail()}")
            # Not at a step of the counter only.
            harness.time.sleep(self.random.uniform(0, 0.05))
            getattr(self, "kill_" + victim)(carillon, publisher)

    def kill_child(self, carillon, role):
        master = carillon.masters[-1].pid
        child = self.random.choice(harness.until(lambda: carillon.children(role, master), f"there is a {role}", 30))
        try:
            os.kill(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.kills[role] += 1

    def kill_worker(self, carillon, _):
        self.kill_child(carillon, "worker")

    def kill_clerk(self, carillon, _):
        self.kill_child(carillon, "clerk")

    def kill_admin(self, carillon, _):
        self.kill_child(carillon, "admin")

    def kill_pause(self, carillon, _):
        """No kill: a worker that sleeps longer than its leases last, and then settles what others have taken meanwhile."""
        worker = self.random.choice(harness.until(lambda: carillon.children("worker", carillon.masters[-1].pid), "there is a worker", 30))
        os.kill(worker.pid, signal.SIGSTOP)
        awake = time.monotonic() + LEASE + 1
        harness.until(lambda: time.monotonic() > awake, "its leases are over", LEASE + 5)
        os.kill(worker.pid, signal.SIGCONT)
        self.kills["pause"] += 1

    def kill_publisher(self, _, publisher):
        while publisher.is_alive():
            command = publisher.current
            if command is not None and command.returncode is None:
                command.kill()
                self.kills["publisher"] += 1
                return

    def kill_master(self, carillon, _):
        carillon.masters[-1].kill()
        self.kills["master"] += 1
        # systemd's RestartSec.
        harness.time.sleep(self.random.uniform(0, 0.9))
        started = time.monotonic()
        carillon.start()
        self.restarts.append(time.monotonic() - started)

    def assert_no_second_master(self, carillon):
        second = carillon.run("run")
        self.assertEqual(harness.CONFIGURATION, second.returncode, second.stderr)
        self.assertIn("in use by another Carillon", second.stderr)

    # -- the judgement

    def check_history(self, carillon, fcm, record):
        journal = fcm.journal()
        delivered = [entry["data"]["value"] for entry in journal]
        tags = collections.defaultdict(list)
        for entry in journal:
            tags[entry["data"]["value"]].append(entry["tag"])
        values = {row["message_id"]: json.loads(row["data"])["value"] for row in carillon.rows("SELECT message_id, data FROM notifications")}
        dead = [json.loads(row["body"])["data"]["value"] for row in carillon.rows("SELECT body FROM dead_letters")]
        # Terminal without a delivery that anybody knows of: "unknown" in the push ledger. An info is not pushed twice on a mere suspicion.
        seen = set(delivered)
        unknown = [values[row["message_id"]] for row in carillon.rows("SELECT message_id FROM pushes WHERE state IN (?, ?)", *UNKNOWN_PUSH)
                   if values[row["message_id"]] not in seen]
        verdict = check(record, delivered + dead + unknown)
        self.say(f"checker: {verdict}; dead {len(dead)}, unknown to the end {len(unknown)}")
        self.assertTrue(verdict.is_valid, f"{verdict}\nlost: {verdict.examples('lost')}\nunexpected: {verdict.examples('unexpected')}")
        self.assertEqual([], dead, "no message has a reason to be dead")
        self.assertEqual(set(), seen & set(dead))

        # A master's death is its workers' drain, not their kill: what they had taken is finished. Only workers' kills and pauses leave repeats.
        worker_kills = self.kills["worker"] + self.kills["pause"]
        self.assertLessEqual(len(unknown), IN_FLIGHT * worker_kills)
        violations = DuplicateRule(IN_FLIGHT, worker_kills).violations(verdict, tags)
        self.assertEqual([], violations[:10])
        self.say(f"{verdict.duplicated.total()} duplicates, {IN_FLIGHT} in flight x {worker_kills} kills = {IN_FLIGHT * worker_kills} allowed; each with one tag")

    def check_effects(self, carillon, record):
        accepted = collections.Counter(json.loads(row["data"])["value"] for row in carillon.rows("SELECT data FROM notifications"))
        self.assertEqual({}, {value: count for value, count in accepted.items() if count != 1}, "one document a message")
        confirmed = set(record.of(CONFIRMED))
        self.assertEqual(set(), confirmed - set(accepted))
        status = collections.Counter(row["status"] for row in carillon.rows("SELECT status FROM notifications"))
        states = {}
        for row in carillon.rows("SELECT message_id, state FROM pushes"):
            self.assertNotIn(row["message_id"], states, "one address, one record")
            states[row["message_id"]] = row["state"]
        self.assertEqual({"sent", "pending"} | set(status), {"sent", "pending"})
        for row in carillon.rows("SELECT message_id, status, sent_at FROM notifications"):
            state = states[row["message_id"]]
            self.assertIn(state, (ACCEPTED,) if row["status"] == "sent" else UNKNOWN_PUSH, row["status"])
            self.assertEqual(row["status"] == "sent", row["sent_at"] is not None)

        updates = collections.Counter(json.loads(row["body"])["notificationId"] for row in carillon.rows(
            "SELECT body FROM messages JOIN queues ON queues.id = messages.queue WHERE queues.name = 'services.notification-api'"))
        sent = {row["id"] for row in carillon.rows("SELECT id FROM notifications WHERE status = 'sent'")}
        self.assertEqual({}, {update: count for update, count in updates.items() if count != 1}, "one status update a notification")
        self.assertEqual(sent, set(updates))

        stats = carillon.stats()
        counts = stats["messages"]["notification.send"]
        self.assertEqual(len(accepted), counts["done"])
        self.assertEqual({"dead": 0, "died": 0, "expired": 0, "cancelled": 0}, {name: counts[name] for name in ("dead", "died", "expired", "cancelled")})
        self.assertEqual(0, stats["outbox"])
        self.assertEqual(0, stats["transports"]["notifications"]["count"])
        self.assertEqual(len(sent), stats["transports"]["services"]["count"])
        decided = carillon.rows("SELECT COUNT(*) AS n FROM inbox WHERE type = 'notification.send'")[0]["n"]
        self.assertEqual(len(accepted), decided)
        self.say(f"store: {len(accepted)} documents ({status['sent']} sent, {status['pending']} unknown), {len(updates)} status updates, "
                 f"done {counts['done']}, retries {counts['retries']}, deferrals {counts['deferrals']}")


if __name__ == "__main__":
    harness.main()
