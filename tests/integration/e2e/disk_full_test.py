"""A full disk is an error to the publisher and a pause to the consumer, never a loss (promise 1).

On a small tmpfs of its own, which needs root: as another user the test says so and is skipped.
"""
import errno
import os
import pathlib
import signal
import subprocess
import sys

import harness

sys.path.insert(0, str(harness.SOURCE / "tests/support/checker"))
from total_queue import CONFIRMED, REFUSED, UNKNOWN, Publications, check  # noqa: E402

SKIPPED = 77
DISK = 48 << 20


class DiskFullTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.disk = self.sub_folder("disk")
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", self.disk], check=True)
        # Before the folder is removed, after the processes have ended: clean-ups run backwards.
        self.addCleanup(lambda: subprocess.run(["umount", "-l", self.disk], check=True))
        self.addCleanup(self.end_processes)
        self.fcm = self.fake()
        self.record = Publications()

    def end_processes(self):
        for carillon in self._carillons:
            carillon.stop()

    def installation(self, **settings):
        carillon = self.carillon(self.fcm, state_dir=self.disk / "state", notification__rate_limit=10000, transports__notifications__lease="2s",
                                 groups__default__processes=2, **settings)
        carillon.state = self.disk / "state"
        carillon.register(self.fcm, {f"u-{number}": [f"token-{number}"] for number in range(5)})
        return carillon

    def publish(self, carillon, first, count, *options):
        """The report, or None when the command gave up; recorded either way."""
        messages = [harness.message(f"u-{number % 5}", value=str(number)) for number in range(first, first + count)]
        done = carillon.run("publish", "notification.send", "--file=-", "--format=json", *options,
                            stdin="".join(harness.json.dumps(message) + "\n" for message in messages))
        refused = {int(line.split("standard input:")[1].split(":")[0]) for line in done.stderr.splitlines() if "standard input:" in line}
        for number, message in enumerate(messages, 1):
            outcome = UNKNOWN if not done.stdout else REFUSED if number in refused else CONFIRMED
            self.record.record(message["data"]["value"], outcome)
        return done

    def fill(self, leave=0):
        """With a file, down to the last byte or until so many bytes are left."""
        filler = self.disk / "filler"
        with open(filler, "ab", buffering=0) as file:
            while True:
                free = os.statvfs(self.disk)
                free = free.f_bavail * free.f_frsize
                if free <= leave:
                    return filler
                try:
                    file.write(b"\0" * min(1 << 20, max(1, free - leave)))
                except OSError as error:
                    self.assertEqual(errno.ENOSPC, error.errno)
                    return filler

    def assert_publisher_gets_an_error(self, carillon, first):
        done = self.publish(carillon, first, 400, "--patience=1s")
        self.assertEqual(1, done.returncode, done.stdout + done.stderr)
        lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
        self.assertTrue(lines, done.stderr)
        self.assertRegex(lines[0], "disk|space|full")
        self.say(lines[0])

    def publish_patiently(self, carillon, first):
        """A publisher that waits for space."""
        lines = self.folder / "patient.jsonl"
        messages = [harness.message(f"u-{number % 5}", value=str(number)) for number in range(first, first + 20)]
        lines.write_text("".join(harness.json.dumps(message) + "\n" for message in messages))
        said = self.folder / "patient.log"
        with open(said, "wb") as errors:
            process = subprocess.Popen([harness.PROGRAM, "publish", "notification.send", f"--file={lines}", "--format=json", "--patience=60s"],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, env=carillon.env)
        self.addCleanup(process.kill)
        harness.until(lambda: "waiting, nothing is lost" in said.read_text() or process.poll() is not None, "the publisher waits", 10)
        self.assertIsNone(process.poll(), said.read_text())
        for message in messages:
            self.record.record(message["data"]["value"], CONFIRMED)
        return process

    def check(self, carillon):
        verdict = check(self.record, [entry["data"]["value"] for entry in self.fcm.journal()])
        self.say(str(verdict))
        self.assertTrue(verdict.is_valid, f"{verdict}: lost {verdict.examples('lost')}, seen {verdict.examples('refused_but_seen')}")
        self.assertEqual([], carillon.json("failed:show")["messages"])
        rows = carillon.rows("SELECT message_id, COUNT(*) AS n FROM notifications WHERE status = 'sent' GROUP BY message_id")
        self.assertEqual(verdict.ok.total(), len(rows), "each is sent, once in the store")
        self.assertEqual(verdict.ok.total(), carillon.counts()["done"])
        return verdict

    def test_a_disk_that_is_really_full(self):
        carillon = self.installation(store__free_disk_floor=0)
        master = carillon.start()
        self.assertEqual(0, self.publish(carillon, 0, 50).returncode)
        carillon.drained(20)
        # What waits is taken on a full disk.
        master.signal(signal.SIGTSTP)
        harness.until(lambda: "quiet" in master.text(), "it is quiet", 10)
        self.assertEqual(0, self.publish(carillon, 1000, 200).returncode)
        filler = self.fill()
        self.assert_publisher_gets_an_error(carillon, 2000)
        workers = {worker.pid for worker in carillon.children("worker")}
        master.signal(signal.SIGCONT)
        harness.until(lambda: "nothing is lost, trying again" in master.text() or "no space" in master.text().lower() or "full" in master.text(),
                      lambda: f"the consumer says why it pauses: {master.tail()}", 20)
        self.assertTrue(master.is_alive())
        self.assertEqual(workers, {worker.pid for worker in carillon.children("worker")}, "a full disk kills nobody")
        filler.unlink()
        carillon.drained(60)
        self.assertEqual(0, self.publish(carillon, 3000, 10).returncode)
        carillon.drained(20)
        self.check(carillon)
        self.assertEqual("ok", carillon.rows("PRAGMA integrity_check")[0][0])
        self.assertEqual(0, master.stop())

    def test_below_the_floor_publishing_is_refused_and_consuming_pauses(self):
        floor = 16 << 20
        carillon = self.installation(store__free_disk_floor="16MiB")
        master = carillon.start()
        self.assertEqual(0, self.publish(carillon, 0, 50).returncode)
        carillon.drained(20)
        master.signal(signal.SIGTSTP)
        harness.until(lambda: "quiet" in master.text(), "it is quiet", 10)
        self.assertEqual(0, self.publish(carillon, 1000, 200).returncode)
        filler = self.fill(leave=floor - (1 << 20))
        self.assert_publisher_gets_an_error(carillon, 2000)
        before = self.fcm.delivered()
        master.signal(signal.SIGCONT)
        harness.until(lambda: "nothing is lost, trying again" in master.text(), lambda: f"the consumer says why it pauses: {master.tail()}", 20)
        self.assertLessEqual(self.fcm.delivered() - before, 1, "and takes nothing")
        waiting = self.publish_patiently(carillon, 4000)
        filler.unlink()
        self.assertEqual(0, waiting.wait(30 * harness.PATIENCE), "who has patience is served when there is space again")
        carillon.drained(60)
        verdict = self.check(carillon)
        self.assertEqual(0, verdict.duplicated.total(), "nothing was taken, so nothing is repeated")
        self.assertEqual(0, master.stop())


if __name__ == "__main__":
    if os.getuid() != 0:
        print("skipped: needs root, for a small tmpfs")
        sys.exit(SKIPPED)
    if os.environ.get("CARILLON_TEST_NAMESPACE") != "private":
        # What is mounted here is nobody else's, and goes with us.
        os.environ["CARILLON_TEST_NAMESPACE"] = "private"
        if subprocess.run(["unshare", "-m", "true"], check=False).returncode != 0:
            print("skipped: this container allows no mounts")
            sys.exit(SKIPPED)
        os.execvp("unshare", ["unshare", "-m", sys.executable, "-B", str(pathlib.Path(__file__).resolve()), *sys.argv[1:]])
    harness.main()
