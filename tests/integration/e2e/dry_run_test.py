"""A dry run checks everything and delivers nothing; an unknown user or type is a clear error with a status that tells."""
import json

import harness


class DryRunTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.fcm = self.fake()
        self.cli = self.carillon(self.fcm)
        self.cli.register(self.fcm, {"u-1": ["token-1", "token-2"]})
        self.cli.start()

    def test_a_dry_run_leaves_the_journal_empty(self):
        done = self.cli.run("notification:test", "u-1", "alert", "--dry-run")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn("accepted", done.stdout)
        for number in range(12):
            self.cli.ok("publish", "notification.send", json.dumps(harness.message("u-1", value=str(number))), "--header=x-dry-run=true")
        self.cli.drained(15)
        self.assertEqual([], self.fcm.journal())
        self.assertEqual({True}, {request["validateOnly"] for request in self.fcm.requests()}, "the provider checked all of them")
        self.assertEqual(26, len(self.fcm.requests()), "13 messages to two devices; dry runs do not count for the rate limit")
        self.assertEqual([], self.cli.rows("SELECT id FROM notifications"), "and nothing was stored")
        self.assertEqual(0, self.cli.waiting("services"))

        # Without it the same command delivers.
        done = self.cli.run("app:notification:test", "u-1", "alert")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertEqual({"token-1", "token-2"}, {entry["address"] for entry in self.fcm.journal()})

    def test_a_dry_run_to_a_dead_address_says_so(self):
        self.fcm.register("token-1", "token-2", state="unregistered")
        done = self.cli.run("notification:test", "u-1", "info", "--dry-run")
        self.assertEqual(1, done.returncode, done.stdout)
        self.assertIn("failed:show", done.stderr)
        self.assertEqual(2, self.cli.rows("SELECT COUNT(*) AS n FROM devices")[0]["n"], "a dry run deletes nothing")

    def test_unknown_user_and_type(self):
        done = self.cli.run("notification:test", "u-2", "alert", "--dry-run")
        self.assertEqual(1, done.returncode)
        self.assertIn("unknown user", done.stderr)
        done = self.cli.run("notification:test", "u-1", "urgent", "--dry-run")
        self.assertEqual(harness.USAGE, done.returncode)
        self.assertIn("alert, reminder or info", done.stderr)
        self.assertEqual([], self.fcm.requests())

    def test_a_misspelt_dry_run_is_not_sent_for_real(self):
        self.cli.ok("publish", "notification.send", json.dumps(harness.message("u-1")), "--header=x-dry-run=ture")
        harness.until(lambda: self.cli.counts()["dead"] == 1, "it is dead", 10, interval=0.1)
        self.assertEqual([], self.fcm.requests())


if __name__ == "__main__":
    harness.main()
