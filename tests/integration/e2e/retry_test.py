"""A message that always fails: attempts at 0, 2, 6 and 14 s, then dead with four errors; `failed:retry` sends it when the fault is gone.

Promise 1 (a confirmed publish ends in exactly one terminal state) and the retry policy of notification.send.
"""
import json

import harness

EXPECTED = (0, 2, 6, 14)  # seconds after the first attempt
TOLERANCE = 0.5


def seconds(text):
    """Of an RFC 3339 time in UTC, since 1970."""
    import datetime
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class RetryTest(harness.EndToEndTest):
    def assert_schedule(self, times, what):
        after = [time - times[0] for time in times]
        self.say(f"{what}: attempts after " + ", ".join(f"{time:.3f}" for time in after) + " s")
        self.assertEqual(len(EXPECTED), len(after), f"{what}: {after}")
        for expected, actual in zip(EXPECTED, after):
            self.assertLess(abs(actual - expected), TOLERANCE, f"{what}: {after}")

    def test_four_attempts_then_dead_and_a_retry_sends_it_when_the_fault_is_gone(self):
        fcm = self.fake()
        carillon = self.carillon(fcm, groups__default__processes=2, log__format="json")
        carillon.register(fcm, {"u-fails": ["token-fails"], "u-heals": ["token-heals"], "u-well": ["token-well"]})
        fcm.script({"match": {"address": "token-fails"}, "answers": [{"errorCode": "UNAVAILABLE", "times": "forever"}]},
                   {"match": {"address": "token-heals"}, "answers": [{"errorCode": "UNAVAILABLE", "times": 1}]})
        carillon.start()
        started = harness.time.time()
        failing = carillon.json("publish", "notification.send", json.dumps(harness.message("u-fails", value="fails")))["id"]
        healing = carillon.json("publish", "notification.send", json.dumps(harness.message("u-heals", value="heals")))["id"]
        well = carillon.json("publish", "notification.send", json.dumps(harness.message("u-well", value="well")))["id"]
        self.assertEqual(3, len({failing, healing, well}))

        harness.until(lambda: carillon.counts()["dead"] == 1, "the failing message is dead", 30, interval=0.2)
        self.assertLess(harness.time.time() - started, 14 + 10 * harness.PATIENCE)

        # By the other side's account, and by ours.
        requests = [request for request in fcm.requests() if request["address"] == "token-fails"]
        self.assert_schedule([request["time"] / 1000 for request in requests], "the provider saw")
        self.assertEqual([503] * 4, [request["status"] for request in requests])
        letter = carillon.json("failed:show", failing)
        self.assertEqual("notification.send", letter["class"])
        self.assertEqual(4, letter["attempts"])
        self.assertEqual([1, 2, 3, 4], [failure["attempt"] for failure in letter["history"]])
        self.assert_schedule([seconds(failure["at"]) for failure in letter["history"]], "failed:show")
        self.assertEqual({"unavailable"}, {failure["error_class"].lower() for failure in letter["history"]}, letter["history"])
        self.assertNotIn("body", letter)
        lines = [json.loads(line) for line in carillon.log.read_text().splitlines() if line.startswith("{") and failing in line]
        self.assertGreaterEqual(len([line for line in lines if "attempt" in line]), 4, "every attempt is logged")

        # One that heals costs its neighbours nothing and has two attempts, 2 s apart.
        journal = fcm.journal()
        self.assertEqual({"heals", "well"}, {entry["data"]["value"] for entry in journal})
        times = [request["time"] / 1000 for request in fcm.requests() if request["address"] == "token-heals"]
        self.assertEqual(2, len(times))
        self.assertLess(abs(times[1] - times[0] - 2), TOLERANCE)

        # With the fault still there a retry dies again after its whole schedule; without it, it is sent.
        fcm.heal()
        carillon.ok("failed:retry", failing, "--force")
        harness.until(lambda: carillon.counts() == {"done": 3, "dead": 0, "expired": 0, "cancelled": 0, "retries": 4, "deferrals": 0},
                      lambda: f"all are done: {carillon.counts()}", 15, interval=0.1)
        sent = [entry for entry in fcm.journal() if entry["data"]["value"] == "fails"]
        self.assertEqual(1, len(sent), "a retry that succeeds is delivered once")
        self.assertEqual(sent[0]["tag"], failing)
        self.assertEqual([], carillon.json("failed:show")["messages"])
        statuses = {row["message_id"]: row["status"] for row in carillon.rows("SELECT message_id, status FROM notifications")}
        self.assertEqual({failing: "sent", healing: "sent", well: "sent"}, statuses)
        self.assertEqual(0, carillon.masters[0].stop())


if __name__ == "__main__":
    harness.main()
