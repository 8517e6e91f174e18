"""Open everywhere: /health, /livez, /readyz, /readyz/consume, /metrics. All else asks for the token, on every address (design 10)."""
import datetime
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys

import harness

OPEN = ("/health", "/livez", "/readyz", "/readyz/consume", "/metrics")
CLOSED = ("/api/v1/stats", "/api/v1/failed", "/api/v1/notifications/1", "/openapi.json", "/api", "/nothing", "/admin.token", "/../state/admin.token")
OUTSIDE = "192.0.2.77"  # TEST-NET-1: nobody's


def addresses():
    """Of this machine, beside loopback."""
    found = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((OUTSIDE, 9))
            found.add(probe.getsockname()[0])
        except OSError:
            pass
    return sorted(address for address in found if not address.startswith("127."))


class HealthTest(harness.EndToEndTest):
    def test_open_and_closed_on_an_address_that_is_not_loopback(self):
        [address, *_] = addresses() or [None]
        self.assertIsNotNone(address, "this machine has no address but loopback, and a namespace of its own was not allowed")
        carillon = self.carillon(admin__host="0.0.0.0")
        carillon.start()
        port = carillon.admin.rpartition(":")[2]
        url = f"http://{address}:{port}"
        self.say(f"asking {url}")

        before = datetime.datetime.now(datetime.timezone.utc)
        status, headers, text = harness.http(url + "/health")
        self.assertEqual(200, status, text)
        health = json.loads(text)
        self.assertEqual({"status", "timestamp", "version"}, set(health))
        self.assertEqual("application/json", headers["Content-Type"].split(";")[0])
        told = datetime.datetime.fromisoformat(health["timestamp"].replace("Z", "+00:00"))
        self.assertLess(abs((told - before).total_seconds()), 10)
        version = carillon.ok("--version").split()[1]
        self.assertEqual(version, health["version"])
        self.say(text)
        for path in OPEN:
            self.assertEqual(200, harness.http(url + path)[0], path)
        self.assertIn("carillon_", harness.http(url + "/metrics")[2])

        for base in (url, f"http://127.0.0.1:{port}"):
            for path in CLOSED:
                status, headers, text = harness.http(base + path)
                self.assertEqual(401, status, f"{base}{path}: {text}")
                self.assertEqual("application/problem+json", headers["Content-Type"].split(";")[0])
                self.assertTrue(headers["WWW-Authenticate"].startswith("Bearer"), path)
                status, _, _ = harness.http(base + path, headers={"Authorization": "Bearer wrong"})
                self.assertEqual(401, status, path)
        for method in ("POST", "DELETE"):
            self.assertEqual(401, harness.http(url + "/api/v1/failed/1", method, headers={"Content-Type": "application/json"})[0])
        self.assertEqual(401, harness.http(url + "/api/v1/notifications", "POST", json.dumps(harness.message()), {"Content-Type": "application/json"})[0])
        self.assertEqual(0, carillon.waiting(), "nothing was taken")
        # The shell of the dashboard holds no data; at another address even that is closed.
        self.assertEqual(401, harness.http(url + "/")[0])

        with_token = {"Authorization": f"Bearer {carillon.token}"}
        status, _, text = harness.http(url + "/api/v1/stats", headers=with_token)
        self.assertEqual(200, status, text)
        self.assertIn("transports", json.loads(text))
        self.assertEqual(0o600, (carillon.state / "admin.token").stat().st_mode & 0o777)

    def test_green_means_consuming(self):
        """Promise 4: red when messages wait, a handler is free, and none is taken; green when they are, or when it is told to be quiet."""
        fcm = self.fake()
        carillon = self.carillon(fcm, groups__default__stall_after="2s")
        carillon.register(fcm, {"u-1": ["token-1"]})
        master = carillon.start()
        url = carillon.admin
        self.assertEqual(200, harness.http(url + "/readyz/consume")[0])
        [worker] = carillon.children("worker", master.pid)
        # It lives, and takes nothing.
        os.kill(worker.pid, signal.SIGSTOP)
        try:
            carillon.publish([harness.message("u-1", value="1")])
            status, _, text = harness.until(lambda: (answer := harness.http(url + "/readyz/consume"))[0] == 503 and answer, "it is red", 8)
            self.say(text.strip())
            self.assertIn("notifications", text)
            self.assertEqual(200, harness.http(url + "/livez")[0])
        finally:
            os.kill(worker.pid, signal.SIGCONT)
        harness.until(lambda: harness.http(url + "/readyz/consume")[0] == 200, "it is green again", 10)
        carillon.drained(10)
        self.assertEqual(1, fcm.delivered())

    def test_a_notification_by_post_and_back(self):
        fcm = self.fake()
        carillon = self.carillon(fcm)
        carillon.register(fcm, {"u-1": ["token-1"], "u-2": ["token-2"]})
        fcm.register("token-2", state="unregistered")
        carillon.start()
        headers = {"Authorization": f"Bearer {carillon.token}", "Content-Type": "application/json"}
        url = carillon.admin + "/api/v1/"
        status, _, text = harness.http(url + "notifications", "POST", json.dumps(harness.message("u-1", value="posted")), headers)
        self.assertEqual(202, status, text)
        posted = json.loads(text)
        self.assertEqual("pending", posted["status"])

        def found():
            status, _, text = harness.http(url + f"notifications/{posted['id']}", headers=headers)
            self.assertEqual(200, status, "202 only when the document is there")
            return json.loads(text)
        self.assertIn(found()["status"], ("pending", "sent"))
        harness.until(lambda: found()["status"] == "sent", "it is sent", 10)
        self.assertTrue(found()["sentAt"])
        self.assertEqual([posted["messageId"]], [entry["tag"] for entry in fcm.journal()])

        # A dead one is listed, shown, retried and removed.
        status, _, text = harness.http(url + "notifications", "POST", json.dumps(harness.message("u-2", value="dead")), headers)
        dead = json.loads(text)["messageId"]
        harness.until(lambda: dead in harness.http(url + "failed", headers=headers)[2], "it is among the failed", 10)
        status, _, text = harness.http(url + f"failed/{dead}", headers=headers)
        self.assertEqual(200, status)
        self.assertNotIn("token-2", text)
        self.assertNotIn("Title", text)
        self.assertIn("Title", harness.http(url + f"failed/{dead}?reveal=true", headers=headers)[2])
        self.assertIn(dead, (carillon.state / "audit.log").read_text())
        fcm.register("token-2", state="valid")
        carillon.register(fcm, {"u-2": ["token-2b"]})
        status, _, text = harness.http(url + f"failed/{dead}/retry", "POST", headers=headers)
        self.assertIn(status, (200, 202, 204), text)
        harness.until(lambda: carillon.counts()["done"] == 2, "the retry sends it", 10, 0.1)
        self.assertEqual(404, harness.http(url + f"failed/{dead}", headers=headers)[0])

        status, _, text = harness.http(url + "notifications", "POST", json.dumps(harness.message("u-1", "urgent")), headers)
        self.assertEqual(422, status)
        self.assertEqual(["/type"], [error["pointer"] for error in json.loads(text)["errors"]])


if __name__ == "__main__":
    if not addresses():
        # A network of its own, with an address that is not loopback.
        if os.environ.get("CARILLON_TEST_NAMESPACE") != "private" and os.getuid() == 0 and shutil.which("ip"):
            os.environ["CARILLON_TEST_NAMESPACE"] = "private"
            if subprocess.run(["unshare", "-n", "true"], check=False).returncode == 0:
                script = f"ip link set lo up && ip link add outside type veth peer name inside && ip addr add {OUTSIDE}/24 dev outside && ip link set outside up && ip link set inside up"
                os.execvp("unshare", ["unshare", "-n", "sh", "-c", script + ' && exec "$@"', "sh", sys.executable, "-B",
                                      str(pathlib.Path(__file__).resolve()), *sys.argv[1:]])
    harness.main()
