"""How consuming ends, pauses and changes: limits, signals, reload. Stopping is a designed state (promise 5)."""
import shutil
import signal
import time

import harness


class ConsumeTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.fcm = self.fake()
        self.cli = self.carillon(self.fcm, notification__rate_limit=1000)
        self.cli.register(self.fcm, {"u-1": ["token-1"], "u-slow": ["token-slow"], "u-dead": ["token-dead"]})
        self.fcm.register("token-dead", state="unregistered")

    def publish(self, count, user="u-1", first=0):
        self.assertEqual(count, self.cli.publish([harness.message(user, value=f"{user}-{number}") for number in range(first, first + count)])["published"])

    def consume(self, *words, within=20):
        master = self.cli.start("consume", *words, wait=False)
        started = time.monotonic()
        self.assertEqual(0, master.wait(within), master.tail())
        return time.monotonic() - started

    # -- limits

    def test_limit_ends_after_so_many(self):
        self.publish(12)
        self.consume("--limit=5")
        self.assertEqual(5, self.cli.counts()["done"], "not one more")
        self.assertEqual(7, self.cli.waiting())
        self.assertEqual(0, self.cli.rows("SELECT COUNT(*) AS n FROM messages WHERE state = 2")[0]["n"], "nothing stays taken")
        self.consume("notifications", "--limit=7")
        self.assertEqual(12, self.cli.counts()["done"])
        self.assertEqual(12, self.fcm.delivered())

    def test_a_limit_is_shared_by_all_transports(self):
        self.publish(3)
        self.consume("notifications", "--limit=3")
        self.assertEqual(3, self.cli.waiting("services.notification-api"), "their status updates")
        self.publish(2)
        # More than the first one has: the second one gives what is left. Its type has no plugin here, so it is deferred: handled, too.
        self.consume("notifications", "services", "--limit=4", within=15)
        self.assertEqual(5, self.cli.counts()["done"])
        self.assertEqual(2, self.cli.counts("notification.status_update")["deferrals"])

    def test_failure_limit_ends_after_so_many_failures(self):
        self.publish(5)
        self.publish(6, "u-dead")
        self.publish(1)
        self.cli.set(groups__default__threads=1, groups__default__max_batch=1)
        self.consume("--failure-limit=2")
        counts = self.cli.counts()
        self.assertEqual(2, counts["dead"])
        self.assertLessEqual(counts["done"], 6)

    def test_time_limit_ends_in_time(self):
        took = self.consume("--time-limit=2")
        self.assertGreaterEqual(took, 2)
        self.assertLess(took, 2 + 4 * harness.PATIENCE)

    def test_memory_limit_ends(self):
        self.consume("--memory-limit=1M")
        self.assertIn("memory", self.cli.log.read_text())

    def test_queues_and_transports(self):
        self.publish(3)
        self.consume("notifications", "--queues=notifications", "--limit=3")
        self.assertEqual(3, self.cli.counts()["done"])
        done = self.cli.run("consume", "notifications", "--queues=nope", "--time-limit=1", timeout=20)
        self.assertEqual(harness.USAGE, done.returncode, "a queue that is not there is an error, not a silence")
        self.assertIn("nope", done.stderr)
        self.say(done.stderr.strip().splitlines()[-1])

    # -- signals

    def slow(self, seconds):
        self.fcm.register("token-slow", state="slow", slowMs=int(seconds * 1000))

    def test_term_drains_what_is_in_flight(self):
        self.slow(1.5)
        master = self.cli.start()
        self.publish(8, "u-slow")
        harness.until(lambda: self.fcm.delivered() >= 1, "messages are in flight", 10)
        self.publish(3, "u-slow", 8)
        taken = time.monotonic()
        self.assertEqual(0, master.stop(10), "it drains within drain_timeout (5 s in test)")
        self.assertLess(time.monotonic() - taken, 5 * harness.PATIENCE)
        delivered = {entry["data"]["value"] for entry in self.fcm.journal()}
        self.assertEqual(len(delivered), self.cli.counts()["done"], "what was in flight is done, what was not is not")
        self.assertEqual(11 - len(delivered), self.cli.waiting())
        self.assertEqual(len(self.fcm.journal()), len(delivered))
        self.assertEqual([], self.cli.children())
        self.assertTrue(master.manager.has("STOPPING=1"))

    def test_what_outlives_the_drain_is_given_back(self):
        self.slow(6)
        self.cli.set(worker__drain_timeout="1s")
        master = self.cli.start()
        self.publish(1, "u-slow")
        harness.until(lambda: self.fcm.delivered() == 1, "it is in flight", 10)
        self.assertEqual(0, master.stop(6))
        self.assertEqual(1, self.cli.waiting(), "it is not lost")
        self.slow(0)
        self.cli.start()
        # At once, not when its lease (30 s) has run out.
        self.cli.drained(10)
        journal = self.fcm.journal()
        self.assertEqual(2, len(journal))
        self.assertEqual(journal[0]["tag"], journal[1]["tag"], "the repeat replaces what is shown")

    def test_a_second_term_hurries(self):
        self.slow(10)
        self.cli.set(worker__drain_timeout="30s")
        master = self.cli.start()
        self.publish(1, "u-slow")
        harness.until(lambda: self.fcm.delivered() == 1, "it is in flight", 10)
        master.signal(signal.SIGTERM)
        harness.until(lambda: master.manager.has("STOPPING=1"), "it stops", 10)
        started = time.monotonic()
        master.signal(signal.SIGTERM)
        self.assertEqual(0, master.wait(10))
        self.assertLess(time.monotonic() - started, 5 * harness.PATIENCE)
        self.assertEqual(1, self.cli.waiting())

    def test_int_and_quit_drain_too(self):
        for number in (signal.SIGINT, signal.SIGQUIT):
            master = self.cli.start()
            master.signal(number)
            self.assertEqual(0, master.wait(10))

    def test_tstp_quiets_and_cont_resumes(self):
        master = self.cli.start()
        self.publish(1)
        self.cli.drained(10)
        master.signal(signal.SIGTSTP)
        harness.until(lambda: "quiet" in master.text(), "it is quiet", 10)
        # A take that was under way when the signal came may still end with a message; the second one surely waits.
        self.publish(1, first=1)
        self.publish(5, first=2)
        still_until = time.monotonic() + 1.5
        harness.until(lambda: time.monotonic() > still_until or self.fcm.delivered() > 2, "some time passes quietly")
        self.assertLessEqual(self.fcm.delivered(), 2)
        self.assertGreaterEqual(self.cli.waiting(), 5)
        self.assertTrue(master.is_alive())
        self.assertTrue(self.cli.children("worker"), "quiet is not stopped")
        master.signal(signal.SIGCONT)
        self.cli.drained(10)
        self.assertEqual(7, self.fcm.delivered())
        # Stopping works while quiet.
        master.signal(signal.SIGTSTP)
        self.assertEqual(0, master.stop(10))

    def test_all_in_one_process(self):
        self.slow(1)
        self.publish(3)
        master = self.cli.start("run", "--single-process")
        self.assertEqual([], self.cli.children(), "it is one process")
        harness.until(lambda: self.cli.counts()["done"] == 3, "it works", 10, 0.1)
        self.assertEqual(200, harness.http(self.cli.admin + "/health")[0])
        self.publish(2, "u-slow")
        harness.until(lambda: self.fcm.delivered() == 5, "messages are in flight", 10)
        self.assertEqual(0, master.stop(10))
        self.assertEqual(5, self.cli.counts()["done"], "and drains")

    # -- reload

    def test_hup_with_a_broken_file_keeps_the_old_configuration(self):
        etc = self.sub_folder("etc")
        for name in ("carillon.yaml", "test.yaml"):
            shutil.copy(harness.SOURCE / "etc" / name, etc / name)
        # The publisher's commands read what is shipped.
        master = self.cli.start("run", f"--config={etc / 'carillon.yaml'}")
        before = {child.pid for child in self.cli.children()}
        good = (etc / "test.yaml").read_text()

        (etc / "test.yaml").write_text(good + "worker2:\n  threads: many\n")
        master.signal(signal.SIGHUP)
        harness.until(lambda: "kept: the old generation goes on" in master.text(), lambda: f"the reload is refused: {master.tail()}", 15)
        [reason] = [line for line in master.text().splitlines() if "kept: the old generation goes on" in line]
        self.say(reason)
        self.assertIn("test.yaml:", reason)
        self.assertIn("worker2", reason)
        self.assertEqual(before, {child.pid for child in self.cli.children()})
        self.assertTrue(master.manager.has("RELOADING=1"))
        self.assertEqual(2, sum(1 for word in master.manager.listen() if word == "READY=1"), "RELOADING is answered with READY")
        self.publish(2)
        self.cli.drained(10)

        (etc / "test.yaml").write_text(good + "groups:\n  default:\n    processes: 2\n")
        master.signal(signal.SIGHUP)
        harness.until(lambda: len(self.cli.children("worker")) == 2 and all(child.generation > 1 and child.pid not in before for child in self.cli.children()),
                      lambda: f"a new generation has taken over: {self.cli.children()}\n{master.tail()}", 20)
        self.publish(2, first=2)
        self.cli.drained(10)
        self.assertEqual(4, self.fcm.delivered())
        self.assertEqual(0, master.stop(10))


if __name__ == "__main__":
    harness.main()
