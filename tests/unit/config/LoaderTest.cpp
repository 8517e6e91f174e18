#include "Workspace.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::config::tests
{

using namespace std::chrono_literals;

class LoaderTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LoaderTest);
    CPPUNIT_TEST(theLeastFileLoadsWithDefaults);
    CPPUNIT_TEST(layersWinInTheirOrder);
    CPPUNIT_TEST(everyValueRemembersWhereItCameFrom);
    CPPUNIT_TEST(pathsStartAtTheBaseFolder);
    CPPUNIT_TEST(aFolderThatIsNotCalledEtcIsItsOwnBase);
    CPPUNIT_TEST(theStateFolderIsPutIntoOtherValues);
    CPPUNIT_TEST(queueAndExchangeAreNamedAfterTheTransport);
    CPPUNIT_TEST(listsAreReplacedAsAWhole);
    CPPUNIT_TEST(anEmptyListIsAList);
    CPPUNIT_TEST(variablesReachNamesWithDashes);
    CPPUNIT_TEST(variablesOfOthersAreLeftAlone);
    CPPUNIT_TEST(anUnknownKeyIsNamedWithPlaceAndNearest);
    CPPUNIT_TEST(anUnknownVariableOrOverrideIsAnErrorToo);
    CPPUNIT_TEST(allProblemsAreReportedTogether);
    CPPUNIT_TEST(wrongFormsAreNamed);
    CPPUNIT_TEST(theEnvironmentIsChosenOutsideOfTheFiles);
    CPPUNIT_TEST(anUnknownEnvironmentIsNamedWithTheNearest);
    CPPUNIT_TEST(noFileAtAllIsAnErrorThatSaysWhereItLooked);
    CPPUNIT_TEST(yamlIsPreferredUnlessAskedOtherwise);
    CPPUNIT_TEST(formatsAreNeverMixed);
    CPPUNIT_TEST(aNamedFileCounts);
    CPPUNIT_TEST(badSourcesAreRefusedWithTheirPlace);
    CPPUNIT_TEST(substitutionHappensInFilesOnly);
    CPPUNIT_TEST(aMissingVariableMattersOnlyWhereItIsUsed);
    CPPUNIT_TEST(shadowedValuesAreCheckedAllTheSame);
    CPPUNIT_TEST(secretsComeFromFiles);
    CPPUNIT_TEST(aSecretAndItsFileInOneLayerAreRefused);
    CPPUNIT_TEST(aHigherLayersSecretWinsOverALowerFile);
    CPPUNIT_TEST(secretsAreRefusedOnTheCommandLine);
    CPPUNIT_TEST(secretsAreInNoErrorText);
    CPPUNIT_TEST(aMissingKeyFileOfTheProviderIsAnError);
    CPPUNIT_TEST(controlCharactersInValuesAreRefused);
    CPPUNIT_TEST(routesAreFoundByTypeElseByStar);
    CPPUNIT_TEST_SUITE_END();

public:
    void theLeastFileLoadsWithDefaults()
    {
        _workspace.write("etc/carillon.yaml", Workspace::minimum);

        const auto configuration = _workspace.loaded();

        CPPUNIT_ASSERT(configuration.environment == Environment::Dev);
        CPPUNIT_ASSERT_EQUAL(8009, configuration.admin.port);
        CPPUNIT_ASSERT(configuration.worker.drainTimeout == 30s);
        CPPUNIT_ASSERT(configuration.transports.at("notifications").retry == RetryPolicy{});
        CPPUNIT_ASSERT(configuration.notification.services == (std::vector<std::string>{"diabetes", "wellness", "maternity"}));
        CPPUNIT_ASSERT_EQUAL(std::string("Rappel"), configuration.notification.reminder.title);
    }

    void layersWinInTheirOrder()
    {
        _workspace.write("etc/carillon.yaml",
                         std::string("admin: {port: 1, max_page: 1, max_depth: 1, threads: 1}\n") + Workspace::minimum);
        _workspace.write("etc/dev.yaml", "admin: {max_page: 2, max_depth: 2, threads: 2}\n");
        _workspace.options.variables = {{"CARILLON__ADMIN__MAX_DEPTH", "3"}, {"CARILLON__ADMIN__THREADS", "3"}};
        _workspace.options.overrides = {"admin.threads=5", "admin.threads=4"};

        const auto admin = _workspace.loaded().admin;

        CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1"), admin.host);
        CPPUNIT_ASSERT_EQUAL(1, admin.port);
        CPPUNIT_ASSERT_EQUAL(2, admin.maxPage);
        CPPUNIT_ASSERT_EQUAL(3, admin.maxDepth);
        CPPUNIT_ASSERT_EQUAL(4, admin.threads);
    }

    void everyValueRemembersWhereItCameFrom()
    {
        _workspace.write("etc/carillon.yaml", std::string("admin:\n  port: 1\n") + Workspace::minimum);
        _workspace.write("etc/dev.yaml", "\n\nadmin:\n  max_page: 2\n");
        _workspace.options.variables = {{"CARILLON__ADMIN__MAX_DEPTH", "3"}};
        _workspace.options.overrides = {"admin.threads=4"};

        const auto configuration = _workspace.loaded();

        CPPUNIT_ASSERT_EQUAL(std::string("etc/carillon.yaml:2:3"), origin(configuration, "admin.port"));
        CPPUNIT_ASSERT_EQUAL(std::string("etc/dev.yaml:4:3"), origin(configuration, "admin.max_page"));
        CPPUNIT_ASSERT_EQUAL(std::string("environment CARILLON__ADMIN__MAX_DEPTH"), origin(configuration, "admin.max_depth"));
        CPPUNIT_ASSERT_EQUAL(std::string("command line"), origin(configuration, "admin.threads"));
        CPPUNIT_ASSERT_EQUAL(std::string("default"), origin(configuration, "admin.host"));
    }

    void pathsStartAtTheBaseFolder()
    {
        _workspace.write("etc/carillon.yaml", std::string("plugins: {directories: [plugins, /opt/p, ../x]}\n") + Workspace::minimum);

        const auto configuration = _workspace.loaded();

        CPPUNIT_ASSERT_EQUAL(_workspace.path().string(), configuration.baseDirectory.string());
        CPPUNIT_ASSERT_EQUAL((_workspace.path() / "state").string(), configuration.stateDirectory.string());
        CPPUNIT_ASSERT_EQUAL((_workspace.path() / "plugins").string(), configuration.plugins.directories[0].string());
        CPPUNIT_ASSERT_EQUAL(std::string("/opt/p"), configuration.plugins.directories[1].string());
        CPPUNIT_ASSERT_EQUAL((_workspace.path().parent_path() / "x").string(), configuration.plugins.directories[2].string());
    }

    void aFolderThatIsNotCalledEtcIsItsOwnBase()
    {
        _workspace.write("conf/my.yaml", Workspace::minimum);
        _workspace.options.file = "conf/my.yaml";

        CPPUNIT_ASSERT_EQUAL((_workspace.path() / "conf" / "state").string(), _workspace.loaded().stateDirectory.string());
    }

    void theStateFolderIsPutIntoOtherValues()
    {
        _workspace.write("etc/carillon.yaml", std::string("state_dir: ${HERE:/srv/c}\n") + Workspace::minimum);

        const auto configuration = _workspace.loaded();

        CPPUNIT_ASSERT_EQUAL(std::string("sqlite:///srv/c/carillon.db"), configuration.store.dsn);
        CPPUNIT_ASSERT_EQUAL(std::string("sqlite:///srv/c/carillon.db"), configuration.transports.at("notifications").dsn);
        CPPUNIT_ASSERT_EQUAL(std::string("/srv/c/carillon.log"), configuration.log.file.string());
        CPPUNIT_ASSERT(_workspace.problemsOf("state_dir: ''\n").find("'state_dir' must name a folder") != std::string::npos);
    }

    void queueAndExchangeAreNamedAfterTheTransport()
    {
        _workspace.write("etc/carillon.yaml", "transports: {a: {}, failed: {queue: q, exchange: {name: e}}}\n");

        const auto configuration = _workspace.loaded();

        CPPUNIT_ASSERT_EQUAL(std::string("a"), configuration.transports.at("a").queue);
        CPPUNIT_ASSERT_EQUAL(std::string("a"), configuration.transports.at("a").exchange.name);
        CPPUNIT_ASSERT_EQUAL(std::string("q"), configuration.transports.at("failed").queue);
        CPPUNIT_ASSERT_EQUAL(std::string("e"), configuration.transports.at("failed").exchange.name);
    }

    void listsAreReplacedAsAWhole()
    {
        _workspace.write("etc/carillon.yaml", std::string("notification: {services: [a, b]}\n") + Workspace::minimum);
        _workspace.write("etc/dev.yaml", "notification: {services: [c]}\n");
        CPPUNIT_ASSERT(_workspace.loaded().notification.services == std::vector<std::string>{"c"});

        _workspace.options.variables = {{"CARILLON__NOTIFICATION__SERVICES", "d, e"}};
        CPPUNIT_ASSERT(_workspace.loaded().notification.services == (std::vector<std::string>{"d", "e"}));
    }

    void anEmptyListIsAList()
    {
        _workspace.write("etc/carillon.yaml", std::string("plugins: {directories: []}\n") + Workspace::minimum);

        CPPUNIT_ASSERT(_workspace.loaded().plugins.directories.empty());
    }

    void variablesReachNamesWithDashes()
    {
        _workspace.write("etc/carillon.yaml", "transports: {my-queue: {}, failed: {}}\nplugin: {status-update: {a: 1}}\n");
        _workspace.options.variables = {{"CARILLON__TRANSPORTS__MY_QUEUE__PRIORITY", "7"},
                                        {"CARILLON__ROUTING__NOTIFICATION__SEND", "my-queue"},
                                        {"CARILLON__PLUGIN__STATUS_UPDATE__A", "2"}};

        const auto configuration = _workspace.loaded();

        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, configuration.transports.size());
        CPPUNIT_ASSERT_EQUAL(7, configuration.transports.at("my-queue").priority);
        CPPUNIT_ASSERT(configuration.route("notification.send") == std::vector<std::string>{"my-queue"});
        CPPUNIT_ASSERT_EQUAL(std::string("2"), configuration.plugin.at("status-update").at("a").value);
    }

    void variablesOfOthersAreLeftAlone()
    {
        _workspace.write("etc/carillon.yaml", Workspace::minimum);
        _workspace.options.variables = {{"CARILLON_PORT", "tcp://10.0.0.1:8009"}, {"PATH", "/bin"}};

        CPPUNIT_ASSERT(_workspace.load().configuration.has_value());
    }

    void anUnknownKeyIsNamedWithPlaceAndNearest()
    {
        _workspace.write("etc/carillon.yaml", Workspace::minimum);
        _workspace.write("etc/dev.yaml", "transports:\n  notifications:\n    retry:\n      max_retires: 3\n");

        CPPUNIT_ASSERT_EQUAL(std::string("etc/dev.yaml:4:7: unknown key 'transports.notifications.retry.max_retires'; did you mean "
                                         "'transports.notifications.retry.max_retries'?\n"),
                             Workspace::problems(_workspace.load()));
    }

    void anUnknownVariableOrOverrideIsAnErrorToo()
    {
        _workspace.write("etc/carillon.yaml", Workspace::minimum);
        _workspace.options.variables = {{"CARILLON__ADMIN__PROT", "1"}};
        _workspace.options.overrides = {"admin.prot=1", "admin.port"};

        const auto problems = Workspace::problems(_workspace.load());

        CPPUNIT_ASSERT(problems.find("environment CARILLON__ADMIN__PROT: unknown key 'admin.prot'; did you mean 'admin.port'?") !=
                       std::string::npos);
        CPPUNIT_ASSERT(problems.find("command line: unknown key 'admin.prot'") != std::string::npos);
        CPPUNIT_ASSERT(problems.find("command line: --set admin.port: write --set key=value") != std::string::npos);
    }

    void allProblemsAreReportedTogether()
    {
        _workspace.write("etc/carillon.yaml",
                         std::string("admin:\n  port: 70000\n  prot: 1\nworker: {drain_timeout: 2 sec}\n") + Workspace::minimum);
        _workspace.write("etc/dev.yaml", "log: {level: verbose}\nrouting: {a.b: [nowhere]}\n");

        const auto problems = Workspace::problems(_workspace.load());

        for (const std::string expected :
             {"etc/carillon.yaml:2:3: 'admin.port' is '70000', must be 0 to 65535", "etc/carillon.yaml:3:3: unknown key 'admin.prot'",
              "etc/carillon.yaml:4:10: 'worker.drain_timeout' is '2 sec', not a duration; write e.g. 2s, 500ms, 5m",
              "etc/dev.yaml:1:7: 'log.level' is 'verbose', must be one of fatal",
              "etc/dev.yaml:2:11: 'routing.a.b' names the transport 'nowhere'"})
        {
            CPPUNIT_ASSERT_MESSAGE(expected + "\nnot in\n" + problems, problems.find(expected) != std::string::npos);
        }
    }

    void wrongFormsAreNamed()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string("etc/carillon.yaml:1:9: 'admin.port' is a list; it must be a single value (integer, 0 to 65535)\n"),
            _workspace.problemsOf("admin: {port: [1, 2]}\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("etc/carillon.yaml:1:1: 'admin' is a section; its keys go below it, e.g. 'admin.host'\n"),
                             _workspace.problemsOf("admin: 8009\n"));
        CPPUNIT_ASSERT_EQUAL(
            std::string("etc/carillon.yaml:2:3: 'admin.port' has no value; write \"\" for an empty one, or remove the line\n"),
            _workspace.problemsOf("admin:\n  port:\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("etc/carillon.yaml:1:16: unknown key 'admin.port.x'; did you mean 'admin.port'?\n"),
                             _workspace.problemsOf("admin: {port: {x: 1}}\n"));
        CPPUNIT_ASSERT(_workspace.problemsOf("admin: {port: {}}\n").find("'admin.port' holds a section; it must be a value") !=
                       std::string::npos);
        CPPUNIT_ASSERT(_workspace.problemsOf("routing: {Bad Type: [failed]}\n").find("'Bad Type' is no name") != std::string::npos);
        CPPUNIT_ASSERT(_workspace.problemsOf("plugin: {send: 3}\n").find("is no plugin's key") != std::string::npos);
        // Sections whose content is commented out are nobody's mistake.
        CPPUNIT_ASSERT_EQUAL(std::string(), _workspace.problemsOf("admin:\nplugin:\nnotification: {}\n"));
    }

    void theEnvironmentIsChosenOutsideOfTheFiles()
    {
        _workspace.write("etc/carillon.yaml", Workspace::minimum);
        _workspace.write("etc/test.yaml", "admin: {port: 2}\n");
        _workspace.write("etc/dev.yaml", "admin: {port: 3}\n");
        _workspace.options.variables = {{"CARILLON_ENV", "test"}};
        CPPUNIT_ASSERT_EQUAL(2, _workspace.loaded().admin.port);
        CPPUNIT_ASSERT(_workspace.loaded().environment == Environment::Test);

        _workspace.options.environment = "dev";
        CPPUNIT_ASSERT_EQUAL(3, _workspace.loaded().admin.port);

        CPPUNIT_ASSERT(_workspace.problemsOf("environment: prod\n").find("use --env or CARILLON_ENV") != std::string::npos);
    }

    void anUnknownEnvironmentIsNamedWithTheNearest()
    {
        _workspace.write("etc/carillon.yaml", Workspace::minimum);
        _workspace.options.environment = "pord";

        CPPUNIT_ASSERT_EQUAL(
            std::string("command line: unknown environment 'pord'; there are dev, test, stage, prod; did you mean 'prod'?\n"),
            Workspace::problems(_workspace.load()));
    }

    void noFileAtAllIsAnErrorThatSaysWhereItLooked()
    {
        const auto problems = Workspace::problems(_workspace.load());

        CPPUNIT_ASSERT_MESSAGE(problems, problems.find((_workspace.path() / "etc").string()) != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(problems, problems.find("--config FILE") != std::string::npos);
    }

    void yamlIsPreferredUnlessAskedOtherwise()
    {
        _workspace.write("etc/carillon.yaml", std::string("admin: {port: 1}\n") + Workspace::minimum);
        _workspace.write("etc/carillon.ini", "[admin]\nport = 2\n[transports.a]\n[transports.failed]\n");
        CPPUNIT_ASSERT_EQUAL(1, _workspace.loaded().admin.port);

        _workspace.options.format = FileFormat::Ini;
        CPPUNIT_ASSERT_EQUAL(2, _workspace.loaded().admin.port);

        _workspace.options.format.reset();
        _workspace.options.variables = {{"CARILLON_CONFIG", "etc/carillon.ini"}};
        CPPUNIT_ASSERT_EQUAL(2, _workspace.loaded().admin.port);
        CPPUNIT_ASSERT(_workspace.load().files == std::vector<std::string>{"etc/carillon.ini"});
    }

    void formatsAreNeverMixed()
    {
        _workspace.write("etc/carillon.yaml", Workspace::minimum);
        _workspace.write("etc/dev.ini", "[admin]\nport = 2\n");
        const auto problems = Workspace::problems(_workspace.load());
        CPPUNIT_ASSERT_MESSAGE(problems, problems.starts_with("etc/dev.ini: is not read beside 'etc/carillon.yaml'"));

        _workspace.write("etc/dev.yaml", "admin: {port: 3}\n");
        CPPUNIT_ASSERT_EQUAL(3, _workspace.loaded().admin.port);
    }

    void aNamedFileCounts()
    {
        _workspace.options.file = "etc/other.conf";
        CPPUNIT_ASSERT(Workspace::problems(_workspace.load()).find("give it that suffix") != std::string::npos);
        _workspace.options.file = "etc/other.ini";
        CPPUNIT_ASSERT(Workspace::problems(_workspace.load()).find("configuration file 'etc/other.ini' does not exist") !=
                       std::string::npos);
        _workspace.options.format = FileFormat::Yaml;
        CPPUNIT_ASSERT(Workspace::problems(_workspace.load()).find("is not of the format") != std::string::npos);
        _workspace.write("etc/other.conf", std::string("admin: {port: 1}\n") + Workspace::minimum);
        _workspace.options.file = _workspace.path() / "etc/other.conf";
        CPPUNIT_ASSERT_EQUAL(1, _workspace.loaded().admin.port);
    }

    void badSourcesAreRefusedWithTheirPlace()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("etc/carillon.yaml:2:6: is not UTF-8; save the file as UTF-8\n"),
                             sourceProblem("a: 1\nb: \"a\xFF\"\n"));
        CPPUNIT_ASSERT(sourceProblem(std::string("a: b\0c\n", 7)).starts_with("etc/carillon.yaml:1:5: holds a control character"));
        CPPUNIT_ASSERT(sourceProblem(std::string(1 << 21, ' ')).find("is larger than 1 MiB") != std::string::npos);
        std::filesystem::remove(_workspace.path() / "etc/carillon.yaml");
        std::filesystem::create_directory(_workspace.path() / "etc/carillon.yaml");
        CPPUNIT_ASSERT(Workspace::problems(_workspace.load()).find("etc/carillon.yaml: is not a file") != std::string::npos);
    }

    void substitutionHappensInFilesOnly()
    {
        _workspace.write("etc/carillon.yaml",
                         std::string("push: {fcm: {project_id: '${PROJECT}-x'}}\nnotification: {services: ['${A}', b]}\n") +
                             Workspace::minimum);
        _workspace.options.variables = {{"PROJECT", "p"}, {"A", "a"}, {"CARILLON__NOTIFICATION__INFO__TITLE", "${A}"}};
        _workspace.options.overrides = {"notification.info.body=${A}"};

        const auto configuration = _workspace.loaded();

        CPPUNIT_ASSERT_EQUAL(std::string("p-x"), configuration.push.fcm.projectId);
        CPPUNIT_ASSERT_EQUAL(std::string("a"), configuration.notification.services[0]);
        CPPUNIT_ASSERT_EQUAL(std::string("${A}"), configuration.notification.info.title);
        CPPUNIT_ASSERT_EQUAL(std::string("${A}"), configuration.notification.info.body);
    }

    void aMissingVariableMattersOnlyWhereItIsUsed()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string("etc/carillon.yaml:1:8: 'push.provider' needs the environment variable NONE, which is not set; set it or write "
                        "${NONE:default}\n"),
            _workspace.problemsOf("push: {provider: '${NONE}'}\n"));
        _workspace.write("etc/dev.yaml", "push: {provider: fcm}\n");
        CPPUNIT_ASSERT_EQUAL(std::string("fcm"), _workspace.loaded().push.provider);
    }

    void shadowedValuesAreCheckedAllTheSame()
    {
        _workspace.write("etc/dev.yaml", "admin: {port: 1}\n");

        CPPUNIT_ASSERT_EQUAL(std::string("etc/carillon.yaml:1:9: 'admin.port' is '70000', must be 0 to 65535\n"),
                             _workspace.problemsOf("admin: {port: 70000}\n"));
    }

    void secretsComeFromFiles()
    {
        _workspace.write("secrets/token", "0123456789abcdef\n");
        _workspace.write("secrets/dsn", "sqlite:///srv/x.db\n");
        _workspace.write("etc/carillon.yaml", "admin: {token_file: secrets/token}\ntransports: {a: {dsn_file: secrets/dsn}, failed: {}}\n");

        const auto configuration = _workspace.loaded();

        CPPUNIT_ASSERT_EQUAL(std::string("0123456789abcdef"), configuration.admin.token);
        CPPUNIT_ASSERT_EQUAL(std::string("sqlite:///srv/x.db"), configuration.transports.at("a").dsn);
        CPPUNIT_ASSERT_EQUAL(std::string("etc/carillon.yaml:1:9"), origin(configuration, "admin.token"));
    }

    void aSecretAndItsFileInOneLayerAreRefused()
    {
        _workspace.write("secrets/token", "0123456789abcdef\n");

        CPPUNIT_ASSERT_EQUAL(std::string("etc/carillon.yaml:1:34: 'admin.token' and 'admin.token_file' are both set; keep one\n"),
                             _workspace.problemsOf("admin: {token: abcdef0123456789, token_file: secrets/token}\n"));
    }

    void aHigherLayersSecretWinsOverALowerFile()
    {
        _workspace.write("etc/carillon.yaml", std::string("admin: {token_file: not/there}\n") + Workspace::minimum);
        _workspace.options.variables = {{"CARILLON__ADMIN__TOKEN", "0123456789abcdef"}};

        CPPUNIT_ASSERT_EQUAL(std::string("0123456789abcdef"), _workspace.loaded().admin.token);
    }

    void secretsAreRefusedOnTheCommandLine()
    {
        _workspace.write("etc/carillon.yaml", Workspace::minimum);
        _workspace.options.transportSchemes.push_back("amqp");
        _workspace.options.overrides = {"admin.token=0123456789canary", "transports.a.dsn=amqp://user:canary@host/v",
                                        "plugin.x.api_key=canary"};

        const auto problems = Workspace::problems(_workspace.load());

        CPPUNIT_ASSERT(problems.find("command line: 'admin.token' is secret") != std::string::npos);
        CPPUNIT_ASSERT(problems.find("command line: 'transports.a.dsn' is secret") != std::string::npos);
        CPPUNIT_ASSERT(problems.find("command line: 'plugin.x.api_key' is secret") != std::string::npos);
        CPPUNIT_ASSERT(problems.find("canary") == std::string::npos);
        _workspace.options.overrides = {"transports.a.dsn=amqp://host/v"};
        CPPUNIT_ASSERT_EQUAL(std::string(), Workspace::problems(_workspace.load()));
    }

    /// Promise 8.
    void secretsAreInNoErrorText()
    {
        const auto problems =
            _workspace.problemsOf("admin: {token: canary}\ntransports: {a: {dsn: 'canary://canary:canary@h'}, b: {dsn: canary}}\n");

        CPPUNIT_ASSERT(!problems.empty());
        CPPUNIT_ASSERT_MESSAGE(problems, problems.find("canary@") == std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(problems, problems.find(":canary") == std::string::npos);
    }

    void aMissingKeyFileOfTheProviderIsAnError()
    {
        const auto problems = _workspace.problemsOf("push: {fcm: {service_account_file: key.json, ca_file: ca.pem}}\n");

        CPPUNIT_ASSERT_MESSAGE(problems,
                               problems.find("etc/carillon.yaml:1:14: 'push.fcm.service_account_file': secret file '" +
                                             (_workspace.path() / "key.json").string() + "' cannot be read") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(problems, problems.find("'push.fcm.ca_file': file '") != std::string::npos);
    }

    void controlCharactersInValuesAreRefused()
    {
        CPPUNIT_ASSERT(_workspace.problemsOf("notification: {info: {title: \"a\\nb\"}}\n").find("must be one line") != std::string::npos);
        _workspace.options.variables = {{"CARILLON__NOTIFICATION__INFO__TITLE", "a\x1b[2J"}};
        CPPUNIT_ASSERT(_workspace.problemsOf("").find("must be one line") != std::string::npos);
    }

    void routesAreFoundByTypeElseByStar()
    {
        _workspace.write("etc/carillon.yaml", "transports: {a: {}, b: {}, failed: {}}\nrouting: {x.y: [a, b], '*': [b]}\n");

        const auto configuration = _workspace.loaded();

        CPPUNIT_ASSERT(configuration.route("x.y") == (std::vector<std::string>{"a", "b"}));
        CPPUNIT_ASSERT(configuration.route("x.z") == std::vector<std::string>{"b"});
        CPPUNIT_ASSERT(Configuration{}.route("x.z").empty());
    }

private:
    static std::string origin(const Configuration& configuration, const std::string& key)
    {
        for (const auto& entry : configuration.entries)
        {
            if (entry.key == key) return entry.origin.text();
        }
        return "no such key";
    }

    std::string sourceProblem(const std::string& content)
    {
        _workspace.write("etc/carillon.yaml", content);
        return Workspace::problems(_workspace.load());
    }

    Workspace _workspace;
};

CPPUNIT_TEST_SUITE_REGISTRATION(LoaderTest);

} // namespace carillon::config::tests
