"""Never more than ten pushes to one user in any window, over all workers; what is too much comes when its time is, and never fails.

Promise 1 and design 3 (the rate limiter reserves by message id). Most of it with a window of six seconds; once with the real minute.
"""
import os
import random
import signal

import harness

LIMIT = 10
SHORT = 6  # seconds
REAL = 60


def firsts(journal):
    """[(time in s, tag)] of each message's first delivery: a repeat after a crash spends nothing and replaces itself on the screen."""
    seen = {}
    for entry in journal:
        seen.setdefault(entry["tag"], entry["time"] / 1000)
    return sorted((time, tag) for tag, time in seen.items())


class RateTest(harness.EndToEndTest):
    def installation(self, name, window, **settings):
        folder = self.sub_folder(name)
        fcm = self.fake(folder=folder)
        carillon = self.carillon(fcm, folder=folder, groups__default__processes=3, groups__default__threads=4, groups__default__max_batch=4,
                                 notification__rate_limit=LIMIT, notification__rate_window=f"{window}s", transports__notifications__lease="2s", **settings)
        carillon.register(fcm, {"u-1": ["token-1"], "u-2": ["token-2"]})
        carillon.start()
        return fcm, carillon

    def assert_at_most_ten_in_any(self, window, deliveries):
        worst = max(sum(1 for time, _ in deliveries if start <= time < start + window) for start, _ in deliveries)
        self.say(f"at most {worst} in any {window} s of {deliveries[-1][0] - deliveries[0][0]:.1f} s with {len(deliveries)} messages")
        self.assertLessEqual(worst, LIMIT)

    def assert_eleven(self, window, fcm, carillon):
        """Ten at once, the eleventh when its window allows."""
        deliveries = firsts(fcm.journal())
        after = [time - deliveries[0][0] for time, _ in deliveries]
        self.say(f"window {window} s: the first ten within {after[9]:.2f} s, the eleventh after {after[10]:.2f} s")
        self.assertEqual(LIMIT + 1, len(deliveries))
        self.assertLess(after[9], 2 * harness.PATIENCE, "ten at once")
        self.assertGreaterEqual(after[10], window - 0.05)
        self.assertLess(after[10], window + 2 * harness.PATIENCE, "the eleventh when its window allows")
        counts = carillon.counts()
        self.assertEqual((LIMIT + 1, 0, 0, 0), (counts["done"], counts["dead"], counts["expired"], counts["retries"]))
        # To the reserved moment; the permits before it may have been spent some milliseconds later than they were reserved.
        self.assertLessEqual(counts["deferrals"], 3, "a deferral is to the reserved moment, not one of many looks")

    def test_eleven_at_once_and_forty_with_a_kill(self):
        # The real minute passes while the short windows are tested.
        real_fcm, real = self.installation("real", REAL)
        real.publish([harness.message("u-1", value=str(number)) for number in range(LIMIT + 1)])

        fcm, carillon = self.installation("short", SHORT)
        report = carillon.publish([harness.message("u-1", value=str(number)) for number in range(LIMIT + 1)])
        self.assertEqual(LIMIT + 1, report["published"])
        harness.until(lambda: fcm.delivered() >= LIMIT, "ten are delivered", 10)
        [waiting] = harness.until(lambda: carillon.json("queue:show", "notifications", "--scheduled"), "the eleventh is scheduled", 5)
        self.assertEqual(1, waiting["attempt"], "a deferral is no attempt")
        # Another user is not held back.
        carillon.publish([harness.message("u-2", value="other")])
        harness.until(lambda: any(entry["address"] == "token-2" for entry in fcm.journal()), "the other user's is delivered", 4)
        carillon.drained(SHORT + 10)
        self.assertEqual(1, sum(1 for entry in fcm.journal() if entry["address"] == "token-2"))
        fcm_first = [entry for entry in fcm.journal() if entry["address"] == "token-1"]
        self.assertEqual(LIMIT + 1, len(fcm_first))
        deliveries = firsts(fcm_first)
        self.assert_at_most_ten_in_any(SHORT, deliveries)
        self.assertEqual(0, carillon.masters[-1].stop())
        self.forty_with_a_kill()

        real.drained(REAL + 15)
        self.assert_eleven(REAL, real_fcm, real)
        self.assert_at_most_ten_in_any(REAL, firsts(real_fcm.journal()))
        self.assertEqual(0, real.masters[-1].stop())

    def forty_with_a_kill(self):
        fcm, carillon = self.installation("forty", SHORT)
        messages = 40
        # Slow answers: who is killed has messages in flight.
        fcm.register("token-1", state="slow", slowMs=400)
        for start in range(0, messages, 10):
            carillon.publish([harness.message("u-1", value=str(number)) for number in range(start, start + 10)])
        harness.until(lambda: fcm.delivered() >= LIMIT, "the first ten are delivered", 10)
        for amount in (LIMIT + 1, 2 * LIMIT + 3):
            harness.until(lambda: fcm.delivered() >= amount, f"{amount} are delivered", 3 * SHORT)
            for worker in random.sample(carillon.children("worker", carillon.masters[-1].pid), 2):
                os.kill(worker.pid, signal.SIGKILL)
        carillon.drained(5 * SHORT + 10)
        deliveries = firsts(fcm.journal())
        self.assertEqual(messages, len(deliveries), "none failed, none is lost")
        self.assert_at_most_ten_in_any(SHORT, deliveries)
        took = deliveries[-1][0] - deliveries[0][0]
        self.assertGreaterEqual(took, 3 * SHORT - 0.05)
        self.assertLess(took, 4 * SHORT + 5 * harness.PATIENCE, "and the rate is used")
        counts = carillon.counts()
        self.assertEqual((messages, 0, 0), (counts["done"], counts["dead"], counts["expired"]))
        self.say(f"{len(fcm.journal()) - messages} repeats after kills, none of them counted")
        self.assertEqual(0, carillon.masters[-1].stop())


if __name__ == "__main__":
    harness.main()
