"""No user id, title, body, data, address or token of anybody appears in a log, a metric, an error text or a list (promise 8).

Every piece of a patient's data holds a canary word; then everything that Carillon says, in every way it can fail, is searched for it.
"""
import json
import os
import re
import signal

import harness

CANARY = "Zyzzyva"  # in no word of ours
ODD = "Zyzzyvaé\u2028\x07"


class PrivacyTest(harness.EndToEndTest):
    def message(self, user, number=0, **changes):
        text = f"{CANARY}-{number}"
        return {"userId": f"{CANARY}-user-{user}", "type": "alert", "title": f"{text} title", "body": f"{text} body {ODD}",
                "data": {f"{CANARY}-key": f"{text}-value", "nested": {CANARY: [CANARY]}}, "serviceName": "diabetes", **changes}

    def setUp(self):
        super().setUp()
        self.said = {}
        self.secrets = {CANARY}

    def hear(self, what, text):
        self.said[what] = self.said.get(what, "") + text

    def run_and_hear(self, carillon, *words, **options):
        done = carillon.run(*words, **options)
        self.hear(f"`carillon {words[0]}`", done.stdout + done.stderr)
        return done

    def test_nothing_of_a_patient_is_said(self):
        for log_format in ("json", "text"):
            with self.subTest(log_format):
                self.said = {}
                self.everything(log_format)

    def everything(self, log_format):
        folder = self.sub_folder(log_format)
        fcm = self.fake(folder=folder)
        addresses = {state: f"{CANARY}-address-{state}" for state in ("valid", "other", "unregistered", "mismatched", "invalid", "apns-dead", "fails", "html", "lost")}
        carillon = self.carillon(fcm, folder=folder, log__level="trace", log__format=log_format, transports__notifications__lease="2s",
                                 groups__default__backoff__initial="10ms")
        carillon.register(fcm, {f"{CANARY}-user-{state}": [address] for state, address in addresses.items()})
        carillon.ok("device:import", "-", stdin=json.dumps({"users": [{"userId": f"{CANARY}-user-none", "devices": []}]}))
        for state in ("unregistered", "mismatched", "invalid", "apns-dead"):
            fcm.register(addresses[state], state=state)
        fcm.script({"match": {"address": addresses["fails"]}, "answers": [{"errorCode": "UNAVAILABLE", "times": "forever"}]},
                   {"match": {"address": addresses["html"]}, "answers": [{"status": 502, "html": True, "times": "forever"}]},
                   {"match": {"address": addresses["lost"]}, "answers": [{"reset": "stream", "times": "forever"}]})
        # An import that fails tells where, not what.
        self.run_and_hear(carillon, "device:import", "-", stdin=json.dumps({"users": [
            {"userId": CANARY, "devices": [{"kind": CANARY, "value": CANARY}]}, {"userId": CANARY, "devices": CANARY}, CANARY, {"userId": [CANARY]}]}))
        self.run_and_hear(carillon, "device:import", "-", stdin='{"users": [' + CANARY)

        master = carillon.start()
        lines = [json.dumps(self.message("other", serviceName=CANARY)), json.dumps(self.message("other", data={"from": CANARY, CANARY: 1})),
                  json.dumps(self.message("other", data={"x": CANARY * 700}))]
        lines += [json.dumps(self.message(state, number)) for number, state in enumerate(addresses)]
        lines += [json.dumps(self.message("valid", 20 + number)) for number in range(12)]  # over the rate limit, too
        lines += [json.dumps(self.message("nobody")), json.dumps(self.message("none"))]
        wrong = [json.dumps(self.message("valid", type=CANARY)), json.dumps(self.message("valid", **{CANARY: 1})), json.dumps(self.message("valid", title=[CANARY])),
                 json.dumps(self.message("valid", title=CANARY * 100)), json.dumps(self.message(CANARY * 50)), json.dumps([CANARY]), f'"{CANARY}"', CANARY,
                 '{"userId": "' + CANARY, '{"' + CANARY + '": 1, "' + CANARY + '": 2}', json.dumps(self.message("valid", data={"x": CANARY * 60000}))]
        self.run_and_hear(carillon, "publish", "notification.send", "--file=-", stdin="\n".join(lines + wrong))
        for line in wrong[:4]:
            self.run_and_hear(carillon, "publish", "notification.send", line)
        self.run_and_hear(carillon, "publish", "notification.send", json.dumps(self.message("valid", 90)), f"--header=x-dry-run={CANARY}")
        self.run_and_hear(carillon, "notification:test", f"{CANARY}-user-valid", "alert", "--dry-run")
        self.run_and_hear(carillon, "notification:test", f"{CANARY}-nobody", "alert")
        self.run_and_hear(carillon, "notification:test", f"{CANARY}-user-invalid", "alert", f"--title={CANARY}")

        # A crash leaves records.
        fcm.register(addresses["valid"], state="slow", slowMs=1000)
        delivered = fcm.delivered()
        carillon.ok("publish", "notification.send", json.dumps(self.message("lost", 91)))
        carillon.ok("publish", "notification.send", json.dumps(self.message("valid", 92)), "--header=x-dose-reminder=true")
        harness.until(lambda: fcm.delivered() > delivered, "a message is in flight", 10)
        for worker in carillon.children("worker"):
            os.kill(worker.pid, signal.SIGSEGV)
        harness.until(lambda: carillon.children("worker", master.pid), "a worker is there again", 10)

        # Some ends vary, since a crash and a lost answer make "unknown" of what was beside them; all have ended but those over the rate limit.
        def is_settled():
            rows = carillon.rows("SELECT state, attempt FROM messages JOIN queues ON queues.id = messages.queue WHERE queues.name = 'notifications'")
            return all((row["state"], row["attempt"]) == (1, 1) for row in rows)
        harness.until(is_settled, lambda: f"all is settled: {carillon.counts()}", 60, 0.1)
        self.assertGreaterEqual(carillon.counts()["dead"], 6)
        self.assertGreaterEqual(carillon.counts()["retries"], 3)
        self.run_and_hear(carillon, "stats")
        self.run_and_hear(carillon, "stats", "--format=json")
        self.run_and_hear(carillon, "queue:show", "notifications", "--format=json")
        self.run_and_hear(carillon, "queue:show", "services")
        self.run_and_hear(carillon, "failed:show")
        self.run_and_hear(carillon, "failed:show", "--format=json", "--max=1000")
        self.run_and_hear(carillon, "failed:show", "--stats")
        self.run_and_hear(carillon, "config:show")
        letters = [letter["id"] for letter in carillon.json("failed:show", "--max=1000")["messages"]]
        for identity in letters[:12]:
            self.run_and_hear(carillon, "failed:show", identity)
        self.run_and_hear(carillon, "failed:retry", letters[0], "--force")
        self.run_and_hear(carillon, "failed:remove", letters[1], "--force")
        self.hear_admin(carillon, wrong)
        for pid, (_, _, words) in harness.processes().items():
            if pid == master.pid or any(child.pid == pid for child in carillon.children()):
                self.hear("ps", " ".join(words))
        self.assertEqual(0, master.stop())

        self.hear("the log", carillon.log.read_text(errors="replace"))
        self.hear("what systemd heard", "\n".join(master.manager.heard))
        for path in sorted(carillon.state.rglob("*")):
            # The store holds patients' data; that is what it is for.
            if path.is_file() and not path.name.startswith("carillon.db") and path.suffix != ".so":
                self.hear(f"state/{path.relative_to(carillon.state)}", path.read_bytes().decode(errors="replace"))
        self.search(fcm)
        # The test can see: a revealed body holds the canary, and the look is recorded.
        revealed = carillon.run("failed:show", letters[2], "--reveal")
        self.assertIn(CANARY, revealed.stdout)
        self.assertNotIn(CANARY, revealed.stderr)

    def hear_admin(self, carillon, wrong):
        url, token = carillon.admin, carillon.token
        self.secrets.add(token)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        answers = [harness.http(url + "/metrics"), harness.http(url + "/health"), harness.http(url + "/readyz/consume"),
                   harness.http(url + f"/api/v1/notifications/{CANARY}", headers=headers),
                   harness.http(url + f"/{CANARY}?token={CANARY}"), harness.http(url + "/api/v1/stats", headers={"Authorization": f"Bearer {CANARY}"}),
                   harness.http(url + "/api/v1/stats", headers=headers), harness.http(url + "/api/v1/failed?limit=200", headers=headers),
                   harness.http(url + f"/api/v1/failed?type={CANARY}&cursor={CANARY}", headers=headers),
                   harness.http(url + "/api/v1/notifications", "POST", json.dumps(self.message("valid", 95)), headers)]
        answers += [harness.http(url + "/api/v1/notifications", "POST", line, headers) for line in wrong[:10]]
        for status, _, text in answers:
            # Who asks for a path is told its own path, not a patient's.
            self.hear("HTTP", f"{status} {text}\n".replace(f"/{CANARY}", "/"))

    def search(self, fcm):
        self.secrets |= set(re.findall(r"ya29\.[\w-]+", json.dumps(self.said)))
        total = 0
        for what, text in self.said.items():
            total += len(text)
            for secret in self.secrets:
                hits = [line for line in text.splitlines() if secret.lower() in line.lower() or "private_key\": \"-----" in line]
                if what == "state/admin.token":
                    continue
                self.assertEqual([], hits[:3], f"{len(hits)} lines of {what} hold what is a patient's or a secret")
        self.assertGreater(total, 20000, "there is something to search")
        self.say(f"{total} characters of {len(self.said)} sources are clean: {', '.join(self.said)}")


if __name__ == "__main__":
    harness.main()
