"""Wrong input, each with one line that names the thing, the place and the remedy, and an exit status that tells.

Promise 6 (nothing is silent). Exit statuses: 1 failed, 2 usage, 78 configuration.
"""
import json
import os
import shutil
import socket
import sqlite3
import unittest

import harness

NOBODY = 65534


class WrongInputTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.cli = self.carillon()

    def refuses(self, status, texts, *words, cli=None, **options):
        """The command ends with `status` and says it in one line of standard error that holds all `texts`."""
        done = (cli or self.cli).run(*words, **options)
        lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
        shown = f"`carillon {' '.join(map(str, words))[:100]}` ended with {done.returncode} and said:\n{done.stderr[-2000:]}"
        self.assertEqual(status, done.returncode, shown)
        self.assertEqual(1, len(lines), shown)
        for text in texts:
            self.assertIn(text, lines[0], shown)
        self.assertLess(len(lines[0]), 400, "it is one line for a person")
        self.say(f"{done.returncode}: {lines[0]}")
        return lines[0]

    # -- the command line

    def test_an_unknown_command_names_the_nearest(self):
        self.refuses(harness.USAGE, ["'publsh'", "'publish'"], "publsh")

    def test_an_unknown_option_names_the_nearest(self):
        self.refuses(harness.USAGE, ["--fromat", "format", "--help"], "stats", "--fromat=json")

    def test_an_option_without_value_and_a_bad_number(self):
        self.refuses(harness.USAGE, ["--limit"], "consume", "--limit")
        self.refuses(harness.USAGE, ["--limit", "-3"], "consume", "--limit=-3")
        self.refuses(harness.USAGE, ["--delay"], "publish", "notification.send", "{}", "--delay=soon")

    def test_an_unknown_transport_names_the_known(self):
        self.refuses(harness.USAGE, ["nope", "notifications"], "consume", "nope")

    def test_an_unknown_user_and_type(self):
        self.refuses(1, ["unknown user", "device:import"], "notification:test", "nobody", "alert")
        line = self.refuses(harness.USAGE, ["alert, reminder or info", "'urgent'"], "notification:test", "nobody", "urgent")
        self.assertNotIn("nobody", line)

    def test_a_dead_letter_that_is_not_there(self):
        self.refuses(1, ["4711", "failed:show"], "failed:show", "4711")
        self.refuses(1, ["4711", "failed:show"], "failed:retry", "4711", "--force")
        self.refuses(1, ["4711", "failed:show"], "failed:remove", "4711", "--force")

    # -- the configuration

    def test_an_unknown_key_names_the_nearest(self):
        self.cli.set(worker__drain_timeot="2s")
        self.refuses(harness.CONFIGURATION, ["CARILLON__WORKER__DRAIN_TIMEOT", "worker.drain_timeout"], "run")

    def test_an_unknown_key_in_a_file_has_its_place(self):
        etc = self.sub_folder("etc")
        for suffix, text, place in (
                ("yaml", "transports:\n  notifications:\n    dsn: sqlite:///%state_dir%/carillon.db\nworker:\n  drain_timeot: 2s\n", "5:3"),
                ("ini", "[transports.notifications]\ndsn = sqlite:///%state_dir%/carillon.db\n[worker]\ndrain_timeot = 2s\n", "4:1")):
            (etc / f"carillon.{suffix}").write_text(text)
            self.refuses(harness.CONFIGURATION, [f"carillon.{suffix}:{place}", "worker.drain_timeot", "worker.drain_timeout"], "run", f"--config={etc / f'carillon.{suffix}'}")

    def test_a_bad_duration(self):
        self.cli.set(worker__drain_timeout="2 sec")
        self.refuses(harness.CONFIGURATION, ["worker.drain_timeout", "'2 sec'", "2s"], "run")

    def test_a_missing_secret_file(self):
        self.cli.set(admin__token_file=self.folder / "no-such-file")
        self.refuses(harness.CONFIGURATION, ["admin.token_file", "no-such-file", "create it"], "run")

    def test_a_secret_file_that_everybody_reads(self):
        path = self.folder / "token"
        path.write_text("a-token-that-is-long-enough-to-be-one\n")
        path.chmod(0o644)
        self.cli.set(admin__token_file=path)
        line = self.refuses(harness.CONFIGURATION, ["admin.token_file", "chmod"], "run")
        self.assertNotIn("a-token", line)

    def test_a_missing_configuration_file(self):
        self.refuses(harness.CONFIGURATION, ["no-such.yaml"], "run", f"--config={self.folder / 'no-such.yaml'}")

    def test_prod_without_its_secrets(self):
        done = self.cli.run("run", "--env=prod")
        self.assertEqual(harness.CONFIGURATION, done.returncode)
        self.assertIn("admin.token", done.stderr)

    # -- the machine

    def test_a_port_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            self.cli.set(admin__port=port)
            self.refuses(harness.CONFIGURATION, [str(port), "admin.port"], "run")
        self.assertEqual([], self.cli.children())

    def test_a_database_of_a_newer_version(self):
        self.cli.ok("stats")
        database = sqlite3.connect(self.cli.state / "carillon.db")
        database.execute("UPDATE carillon_schema SET version = 99, min_reader_version = 99")
        database.commit()
        database.close()
        line = self.refuses(harness.CONFIGURATION, ["carillon.db", "99"], "run")
        self.assertRegex(line, "upgrade|newer|update")
        self.refuses(harness.CONFIGURATION, ["carillon.db", "99"], "stats")

    def test_a_newer_database_that_still_can_be_read(self):
        self.cli.ok("stats")
        database = sqlite3.connect(self.cli.state / "carillon.db")
        database.execute("UPDATE carillon_schema SET version = 99")
        database.commit()
        database.close()
        self.cli.ok("stats")

    def test_a_damaged_database(self):
        self.cli.state.mkdir(mode=0o700)
        (self.cli.state / "carillon.db").write_bytes(b"this is no database, whatever its name says" * 100)
        (self.cli.state / "carillon.db").chmod(0o600)
        done = self.cli.run("stats")
        self.assertIn(done.returncode, (1, harness.CONFIGURATION))
        self.assertIn("carillon.db", done.stderr)
        self.say(f"{done.returncode}: {done.stderr.strip()}")

    @unittest.skipUnless(os.getuid() == 0 and shutil.which("setpriv"), "needs root and setpriv")
    def test_an_unwritable_folder_as_another_user(self):
        self.folder.chmod(0o755)
        locked = self.sub_folder("locked")
        locked.chmod(0o755)
        as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        if self.cli.run("--version", prefix=as_nobody).returncode != 0:
            self.skipTest("the program lies where nobody may not run it")
        self.cli.set(state_dir=locked)
        self.refuses(harness.CONFIGURATION, [str(locked)], "run", prefix=as_nobody)
        self.refuses(harness.CONFIGURATION, [str(locked)], "publish", "notification.send", "{}", prefix=as_nobody)

    def test_a_state_folder_that_cannot_be(self):
        (self.folder / "file").write_text("")
        self.cli.set(state_dir=self.folder / "file" / "state")
        self.refuses(harness.CONFIGURATION, [str(self.folder / "file")], "run")

    # -- messages

    def test_a_body_over_the_limit(self):
        body = json.dumps(harness.message(x="y" * 300000))
        self.refuses(1, ["300", "262144", "limit"], "publish", "notification.send", "--file=-", stdin=body)

    def test_a_body_that_is_not_utf_8(self):
        body = json.dumps(harness.message()).encode().replace(b"Title", b"Tit\xffle")
        self.refuses(1, ["standard input:1", "UTF-8", "byte"], "publish", "notification.send", "--file=-", stdin=body)

    def test_a_body_of_ten_thousand_levels(self):
        self.refuses(1, ["64 levels"], "publish", "notification.send", "--file=-", stdin="[" * 10000 + "]" * 10000)
        self.refuses(1, ["64 levels"], "publish", "notification.send", "--file=-",
                     stdin=json.dumps(harness.message()).replace('"data": {}', '"data": ' + '{"a":' * 10000 + "1" + "}" * 10000))

    def test_a_schema_violation_has_its_pointer(self):
        secret = "canary-of-a-patient"
        for broken, pointer in ((harness.message(type=secret), "/type"), ({**harness.message(), "serviceName": 1}, "/serviceName"),
                                ({**harness.message(), secret: 1}, ""), ({**harness.message(), "title": 7}, "/title"),
                                ({"userId": secret}, "")):
            line = self.refuses(1, [pointer], "publish", "notification.send", json.dumps(broken))
            self.assertNotIn(secret, line)

    def test_what_is_no_json_and_no_text(self):
        for text in ("{", "nonsense", '{"a":1}{"b":2}', "\x00", "null", "[]", '"text"', '{"userId":"a","userId":"b"}'):
            self.refuses(1, ["standard input:1"], "publish", "notification.send", "--file=-", stdin=text)

    def test_a_type_that_nobody_routes(self):
        self.refuses(1, ["notification.sned", "routing"], "publish", "notification.sned", "{}")

    def test_a_file_that_is_not_there(self):
        self.refuses(1, ["no-such.jsonl"], "publish", "notification.send", f"--file={self.folder / 'no-such.jsonl'}")

    def test_good_lines_go_on_beside_wrong_ones(self):
        good = harness.message()
        report = self.cli.publish([good, "{", good, harness.message(type="urgent"), "", good])
        self.assertEqual((3, 2, 0), (report["published"], report["refused"], report["duplicates"]))
        places = sorted(line.split("standard input:")[1].split(":")[0] for line in report["errors"] if "standard input:" in line)
        self.assertEqual(["2", "4"], places)
        self.assertEqual(3, self.cli.waiting())

    # -- a type without plugin

    def test_no_plugin_for_a_type_is_deferred_with_an_alarm(self):
        fcm = self.fake()
        carillon = self.carillon(fcm, folder=self.sub_folder("unplugged"), plugins__disabled="send", log__format="json")
        carillon.register(fcm, {"u-1": ["token-1"]})
        identity = carillon.json("publish", "notification.send", json.dumps(harness.message("u-1", value="later")))["id"]
        master = carillon.start()
        harness.until(lambda: carillon.counts()["deferrals"] >= 1, "the message is deferred", 15, interval=0.1)
        self.assertEqual(0, carillon.counts()["dead"])
        alarms = [line for line in carillon.log.read_text().splitlines() if '"level":"error"' in line or '"level":"warning"' in line]
        self.assertTrue([line for line in alarms if "notification.send" in line and "plugin" in line], alarms)
        self.say([json.loads(line)["message"] for line in alarms if "notification.send" in line][0])
        [waiting] = carillon.json("queue:show", "notifications")
        self.assertEqual(("scheduled", 1), (waiting["state"], waiting["attempt"]), "a deferral is no attempt")
        self.assertIsNotNone(waiting["due_at"])
        self.assertEqual(0, master.stop())

        # The plugin comes: the message is sent.
        carillon.unset("plugins__disabled")
        carillon.start()
        harness.until(lambda: carillon.counts()["done"] == 1, lambda: f"it is sent: {carillon.json('queue:show', 'notifications')}", 75, interval=0.2)
        self.assertEqual([identity], [entry["tag"] for entry in fcm.journal()])


if __name__ == "__main__":
    harness.main()
