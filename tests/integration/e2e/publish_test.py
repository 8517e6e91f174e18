"""The demo's 200 lines by file, by standard input and by POST: the same results, and every line has exactly one.

Promise 1, and "every line ends as exactly one of: accepted by FCM, dead in `failed`, or deferred with its time".
"""
import collections
import datetime
import json

import harness

DEMO = harness.SOURCE / "etc/demo"
LINES = [line for line in (DEMO / "notifications.jsonl").read_text().splitlines() if line.strip()]
DEVICES = json.loads((DEMO / "devices.json").read_text())


def plain(value):
    """As text that can be compared whatever the order of keys."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


class PublishTest(harness.EndToEndTest):
    def installation(self, way):
        folder = self.sub_folder(way)
        fcm = self.fake("--journal-bodies", folder=folder)
        fcm.call("/addresses", "POST", DEVICES["fakeFcm"]["addresses"])
        fcm.script(*DEVICES["fakeFcm"]["faults"])
        carillon = self.carillon(fcm, folder=folder, groups__default__processes=2, notification__rate_window="5m")
        carillon.ok("device:import", DEMO / "devices.json")
        carillon.start()
        return fcm, carillon

    def by_file(self, carillon):
        done = carillon.run("publish", "notification.send", f"--file={DEMO / 'notifications.jsonl'}", "--format=json")
        self.assertEqual(1, done.returncode, "some lines are refused")
        return json.loads(done.stdout), [line.split(".jsonl:")[1].split(":", 1) for line in done.stderr.splitlines() if ".jsonl:" in line]

    def by_stdin(self, carillon):
        done = carillon.run("publish", "notification.send", "--file=-", "--format=json", stdin=(DEMO / "notifications.jsonl").read_bytes())
        self.assertEqual(1, done.returncode)
        return json.loads(done.stdout), [line.split("standard input:")[1].split(":", 1) for line in done.stderr.splitlines() if "standard input:" in line]

    def by_post(self, carillon):
        report, refused = {"published": 0, "refused": 0, "duplicates": 0}, []
        headers = {"Authorization": f"Bearer {carillon.token}", "Content-Type": "application/json"}
        for number, line in enumerate(LINES, 1):
            status, _, text = harness.http(carillon.admin + "/api/v1/notifications", "POST", line, headers)
            if status == 202:
                report["published"] += 1
                answer = json.loads(text)
                self.assertEqual("pending", answer["status"])
            else:
                self.assertIn(status, (400, 422), text)
                report["refused"] += 1
                refused.append([str(number), text])
        return report, refused

    def settled(self, carillon):
        """Nothing is ready or taken, and what is scheduled is deferred, not to be retried."""
        def is_settled():
            rows = carillon.rows("SELECT state, attempt FROM messages JOIN queues ON queues.id = messages.queue WHERE queues.name = 'notifications'")
            return all((row["state"], row["attempt"]) == (1, 1) for row in rows)
        harness.until(is_settled, "all is settled", 40, interval=0.1)

    def result(self, fcm, carillon, report, refused):
        """What became of the lines, without ids and times."""
        journal = fcm.journal()
        tags = {entry["tag"] for entry in journal}
        letters = carillon.json("failed:show", "--max=1000")["messages"]
        dead = {letter["id"] for letter in letters}
        scheduled = carillon.json("queue:show", "notifications", "--scheduled", "--max=1000")
        deferred = {message["id"] for message in scheduled}
        for message in scheduled:
            self.assertTrue(message["due_at"])
            self.assertEqual(1, message["attempt"])
        self.assertEqual((set(), set(), set()), (tags & dead, tags & deferred, dead & deferred), "exactly one end")
        everything = {row["id"] for row in carillon.rows("SELECT id FROM inbox WHERE type = 'notification.send'")}
        self.assertEqual(tags | dead | deferred, everything)
        self.assertEqual(len(LINES), len(everything) + len(refused))
        self.assertEqual((len(everything), len(refused), 0), (report["published"], report["refused"], report["duplicates"]))
        self.assertEqual(len(journal), len({(entry["tag"], entry["address"]) for entry in journal}), "no push twice")

        stats = carillon.stats()
        counts = stats["messages"]["notification.send"]
        queue = stats["transports"]["notifications"]
        self.assertEqual(report["published"], counts["done"] + counts["dead"] + counts["expired"] + counts["cancelled"] + queue["count"])
        self.assertEqual((len(tags), len(dead), len(deferred)), (counts["done"], counts["dead"], queue["scheduled"]))
        self.assertEqual(0, stats["outbox"])
        statuses = collections.Counter(row["status"] for row in carillon.rows("SELECT status FROM notifications"))
        self.assertEqual(len(tags), statuses["sent"])
        self.say(f"{len(LINES)} lines = {len(tags)} accepted + {len(dead)} dead + {len(deferred)} deferred + {len(refused)} refused")
        def shown(entry):
            # What the device gets, without the ids that differ in every run.
            return plain([entry["address"], entry["message"].get("notification"), entry["data"]])
        return {
            "accepted": sorted(shown(entry) for entry in journal),
            "dead": sorted(plain([letter["error_class"], letter["attempts"], letter["service"]]) for letter in letters),
            "deferred": len(deferred),
            "refused": [line for line, _ in refused],
            "statuses": dict(statuses),
            "counts": {name: counts[name] for name in ("done", "dead", "died", "retries", "expired", "cancelled")},
        }

    def test_all_ways_give_the_same_results(self):
        ways = {"file": self.by_file, "stdin": self.by_stdin, "post": self.by_post}
        installed = {way: self.installation(way) for way in ways}
        published = {way: publish(installed[way][1]) for way, publish in ways.items()}
        results = {}
        for way, (fcm, carillon) in installed.items():
            self.settled(carillon)
            results[way] = self.result(fcm, carillon, *published[way])
        for way in ("stdin", "post"):
            self.assertEqual(results["file"], results[way], f"file and {way} differ")
        self.assertEqual(["48", "85"], results["file"]["refused"])
        self.assertEqual(4, results["file"]["counts"]["dead"])
        self.assertEqual(2, results["file"]["deferred"])
        for _, carillon in installed.values():
            self.assertEqual(0, carillon.masters[-1].stop())

    def test_priority_delay_at_and_expiry(self):
        fcm = self.fake()
        carillon = self.carillon(fcm, groups__default__processes=1, groups__default__threads=1, groups__default__max_batch=1)
        carillon.register(fcm, {f"u-{number}": [f"token-{number}"] for number in range(4)})
        body = lambda number, value: json.dumps(harness.message(f"u-{number}", value=value))
        carillon.ok("publish", "notification.send", body(0, "low"))
        carillon.ok("publish", "notification.send", body(1, "high"), "--priority=5")
        published = harness.time.time()
        carillon.ok("publish", "notification.send", body(2, "later"), "--delay=8s")
        expiry = harness.time.time() + 4
        carillon.ok("publish", "notification.send", body(3, "never"), "--expires-at=" + datetime.datetime.fromtimestamp(expiry, datetime.timezone.utc).isoformat())
        late = carillon.run("publish", "notification.send", body(3, "never"), "--expires-at=2020-01-01T00:00:00Z")
        self.assertEqual(1, late.returncode, "what has expired already is refused at the door")
        first = carillon.json("publish", "notification.send", body(0, "once"), "--dedupe-key=k")
        second = carillon.json("publish", "notification.send", body(0, "twice"), "--dedupe-key=k")
        self.assertEqual((first["id"], 1), (second["id"], second["duplicates"]), "a second publish answers with the first id")
        harness.until(lambda: harness.time.time() > expiry, "its time has passed")
        carillon.start()
        harness.until(lambda: fcm.delivered() == 4, lambda: f"four are delivered: {fcm.journal()}", 15)
        journal = fcm.journal()
        self.assertEqual(["high", "low", "once", "later"], [entry["data"]["value"] for entry in journal])
        self.assertGreater(journal[3]["time"] / 1000, published + 8)
        harness.until(lambda: carillon.counts()["expired"] == 1, lambda: f"what is too late expires: {carillon.counts()}", 15, interval=0.1)
        self.assertEqual(0, carillon.counts()["dead"])


if __name__ == "__main__":
    harness.main()
