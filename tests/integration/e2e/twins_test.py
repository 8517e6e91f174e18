"""yaml and ini mean the same: the same scenario, the same outcome, and the same values in `config:show`, for every environment."""
import json

import harness

ENVIRONMENTS = ("dev", "test", "stage", "prod")


class TwinsTest(harness.EndToEndTest):
    def installation(self, suffix, environment, fcm=None, folder=None):
        folder = folder or self.sub_folder(f"{environment}-{suffix}")
        carillon = self.carillon(fcm, folder=folder, config=f"carillon.{suffix}", environment=environment)
        if environment in ("stage", "prod"):
            for name in ("admin-token", "service-account.json"):
                (folder / name).write_text("0123456789abcdef0123456789abcdef\n")
                (folder / name).chmod(0o600)
            carillon.env["CARILLON_ADMIN_TOKEN_FILE"] = str(folder / "admin-token")
            carillon.env["CARILLON_FCM_SERVICE_ACCOUNT_FILE"] = str(folder / "service-account.json")
            carillon.set(plugins__directories="/nonexistent")
        return carillon

    def shown(self, carillon):
        """Every effective value, origins aside, and with this installation's folder named alike."""
        text = carillon.ok("config:show", "--format=json").replace(str(carillon.folder), "FOLDER")
        document = json.loads(text)

        def without_origin(value):
            if isinstance(value, dict):
                return {key: without_origin(member) for key, member in value.items() if key not in ("origin", "source", "files", "line", "column")}
            return [without_origin(member) for member in value] if isinstance(value, list) else value
        return without_origin(document)

    def test_all_environments_have_the_same_values(self):
        for environment in ENVIRONMENTS:
            with self.subTest(environment):
                yaml, ini = (self.shown(self.installation(suffix, environment)) for suffix in ("yaml", "ini"))
                self.assertEqual(yaml, ini)
                self.assertGreater(len(json.dumps(yaml)), 2000, "there is something to compare")
                self.say(f"{environment}: {len(yaml) if isinstance(yaml, list) else sum(1 for _ in json.dumps(yaml).split('value')) - 1} values are the same")

    def test_dev_and_test_behave_the_same(self):
        outcomes = {}
        for environment in ("dev", "test"):
            for suffix in ("yaml", "ini"):
                outcomes[environment, suffix] = self.outcome(suffix, environment)
        for outcome in outcomes.values():
            self.assertEqual(outcomes["dev", "yaml"], outcome)
        self.say(json.dumps(outcomes["dev", "yaml"], sort_keys=True))

    def outcome(self, suffix, environment):
        folder = self.sub_folder(f"run-{environment}-{suffix}")
        fcm = self.fake(folder=folder)
        carillon = self.installation(suffix, environment, fcm, folder)
        carillon.register(fcm, {"u-1": ["token-1"], "u-2": ["token-2"], "u-3": ["token-3"]})
        fcm.register("token-2", state="unregistered")
        fcm.script({"match": {"address": "token-3"}, "answers": [{"errorCode": "UNAVAILABLE"}]})
        messages = [harness.message("u-1", value=f"v{number}", nested={"a": [1, None, True]}) for number in range(12)]
        messages += [harness.message("u-2", value="dead"), harness.message("u-3", value="heals"), harness.message("u-4", value="nobody"), "{"]
        report = carillon.publish(messages)
        carillon.start()
        settled = {"done": 11, "dead": 2}
        harness.until(lambda: {name: carillon.counts()[name] for name in settled} == settled, lambda: f"all is settled: {carillon.counts()}", 20, interval=0.1)
        letters = carillon.json("failed:show")["messages"]
        result = {
            "report": [report[name] for name in ("published", "refused", "duplicates")],
            "refused": report["errors"],
            "counts": {name: count for name, count in carillon.counts().items() if name != "deferrals"},
            "dead": sorted([letter["error_class"], letter["attempts"]] for letter in letters),
            "delivered": sorted(json.dumps(entry["data"], sort_keys=True) for entry in fcm.journal() if not entry["data"]["value"].startswith("v")),
            "of the limited user": sum(1 for entry in fcm.journal() if entry["address"] == "token-1"),
            "updates": carillon.waiting("services.notification-api"),
        }
        self.assertEqual(10, result["of the limited user"])
        self.assertEqual(0, carillon.masters[-1].stop())
        return result


if __name__ == "__main__":
    harness.main()
