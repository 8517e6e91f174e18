#include "Workspace.h"

#include <algorithm>
#include <cppunit/extensions/HelperMacros.h>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

namespace carillon::config::tests
{

using namespace std::chrono_literals;

/// What is shipped in etc/: yaml and ini of every environment mean the same, and are well.
class TwinsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TwinsTest);
    CPPUNIT_TEST(yamlAndIniAreTheSameInEveryEnvironment);
    CPPUNIT_TEST(theShippedRoutesAreTheDesigns);
    CPPUNIT_TEST(sendIsRetriedAfterTwoFourAndEightSeconds);
    CPPUNIT_TEST(devNeedsNothingElse);
    CPPUNIT_TEST(prodSaysWhichSecretsAreMissing);
    CPPUNIT_TEST(damagedFilesAreProblemsAndNeverCrashes);
    CPPUNIT_TEST_SUITE_END();

public:
    void yamlAndIniAreTheSameInEveryEnvironment()
    {
        for (const std::string environment : {"dev", "test", "stage", "prod"})
        {
            const auto yaml = shipped(environment, FileFormat::Yaml);
            const auto ini = shipped(environment, FileFormat::Ini);

            CPPUNIT_ASSERT_EQUAL_MESSAGE(environment, std::size_t{2}, yaml.files.size());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(environment, std::size_t{2}, ini.files.size());
            CPPUNIT_ASSERT_EQUAL(effective(yaml), effective(ini));
        }
    }

    void theShippedRoutesAreTheDesigns()
    {
        for (const std::string environment : {"dev", "test", "stage", "prod"})
        {
            const auto configuration = shipped(environment, FileFormat::Yaml);
            CPPUNIT_ASSERT(configuration.route("notification.send") == std::vector<std::string>{"notifications"});
            CPPUNIT_ASSERT(configuration.route("notification.bulk") == std::vector<std::string>{"notifications"});
            CPPUNIT_ASSERT(configuration.route("notification.status_update") == std::vector<std::string>{"services"});
            CPPUNIT_ASSERT(configuration.route("unknown").empty());
            CPPUNIT_ASSERT(configuration.transports.contains("failed"));
            CPPUNIT_ASSERT_EQUAL(std::string("services.notification-api"), configuration.transports.at("services").queue);
            CPPUNIT_ASSERT(configuration.transports.at("services").exchange.type == ExchangeType::Fanout);
            CPPUNIT_ASSERT_EQUAL(std::string("notification-api"), configuration.transports.at("notifications").exchange.name);
            CPPUNIT_ASSERT(configuration.transports.at("notifications").exchange.type == ExchangeType::Topic);
        }
    }

    void sendIsRetriedAfterTwoFourAndEightSeconds()
    {
        const auto configuration = shipped("prod", FileFormat::Ini);
        const auto& retry = configuration.types.at("notification.send").retry;

        CPPUNIT_ASSERT(retry.maxRetries == 3);
        CPPUNIT_ASSERT(retry.delay == milliseconds{2000});
        CPPUNIT_ASSERT(retry.multiplier == 2.0);
        CPPUNIT_ASSERT(retry.jitter == 0.0);
    }

    void devNeedsNothingElse()
    {
        auto options = optionsFor("dev", FileFormat::Yaml);
        options.variables.clear();

        const auto result = load(options);

        CPPUNIT_ASSERT_MESSAGE(Workspace::problems(result), result.configuration.has_value());
        CPPUNIT_ASSERT_EQUAL((source() / "state").string(), result.configuration->stateDirectory.string());
        CPPUNIT_ASSERT_EQUAL("sqlite://" + (source() / "state/carillon.db").string(), result.configuration->store.dsn);
    }

    void prodSaysWhichSecretsAreMissing()
    {
        auto options = optionsFor("prod", FileFormat::Yaml);
        options.variables = {{"CARILLON_ADMIN_TOKEN_FILE", "/nowhere/token"}, {"CARILLON_FCM_SERVICE_ACCOUNT_FILE", "/nowhere/key.json"}};

        const auto problems = Workspace::problems(load(options));

        CPPUNIT_ASSERT_MESSAGE(problems,
                               problems.find("'admin.token_file': secret file '/nowhere/token' cannot be read") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(problems,
                               problems.find("'push.fcm.service_account_file': secret file '/nowhere/key.json'") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(problems, std::ptrdiff_t{2}, std::count(problems.begin(), problems.end(), '\n'));
    }

    void damagedFilesAreProblemsAndNeverCrashes()
    {
        constexpr int rounds = 120;
        std::minstd_rand random(20261123);
        for (const std::string suffix : {".yaml", ".ini"})
        {
            const auto good = contentOf(source() / "etc" / ("carillon" + suffix));
            for (int round = 0; round < rounds; ++round)
            {
                auto bad = good;
                for (int change = 0; change < 1 + round % 5; ++change) damage(bad, random);
                LoadOptions options;
                options.workingDirectory = _workspace.path();
                options.file = _workspace.write("etc/carillon" + suffix, bad);

                const auto result = load(options);

                CPPUNIT_ASSERT(result.configuration.has_value() != !result.problems.empty());
            }
        }
    }

private:
    static std::string contentOf(const std::filesystem::path& file)
    {
        std::stringstream content;
        content << std::ifstream(file).rdbuf();
        return content.str();
    }

    static void damage(std::string& text, std::minstd_rand& random)
    {
        static constexpr std::string_view signs = "[]{}:,#&*!|>'\"%@`-? \t\n=;${}\xC3\x00\x7f";
        const auto at = random() % text.size();
        switch (random() % 4)
        {
        case 0:
            text[at] = signs[random() % signs.size()];
            break;
        case 1:
            text.insert(at, 1, signs[random() % signs.size()]);
            break;
        case 2:
            text.erase(at, 1 + random() % 20);
            break;
        default:
            text.insert(at, text.substr(random() % text.size(), random() % 40));
        }
    }

    static std::filesystem::path source()
    {
        const char* folder = std::getenv("CARILLON_SOURCE_DIR");
        CPPUNIT_ASSERT_MESSAGE("CARILLON_SOURCE_DIR is not set; run this test by ctest", folder != nullptr);
        return folder;
    }

    LoadOptions optionsFor(const std::string& environment, FileFormat format)
    {
        LoadOptions options;
        options.workingDirectory = source();
        options.environment = environment;
        options.format = format;
        options.variables = {{"CARILLON_ADMIN_TOKEN_FILE", _workspace.write("token", "0123456789abcdef").string()},
                             {"CARILLON_FCM_SERVICE_ACCOUNT_FILE", _workspace.write("key.json", "{}").string()}};
        return options;
    }

    Configuration shipped(const std::string& environment, FileFormat format)
    {
        auto result = load(optionsFor(environment, format));
        CPPUNIT_ASSERT_MESSAGE(environment + ": " + Workspace::problems(result), result.configuration.has_value());
        return std::move(*result.configuration);
    }

    /// All keys and values, without where they came from.
    static std::string effective(const Configuration& configuration)
    {
        std::string text;
        for (const auto& entry : configuration.entries)
        {
            text += entry.key + " = " + entry.value + "\n";
            for (const auto& item : entry.items) text += "  " + item + "\n";
        }
        return text;
    }

    Workspace _workspace;
};

CPPUNIT_TEST_SUITE_REGISTRATION(TwinsTest);

} // namespace carillon::config::tests
