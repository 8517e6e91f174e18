#include "config/Report.h"
#include "Workspace.h"
#include "config/Key.h"

#include <cppunit/extensions/HelperMacros.h>
#include <nlohmann/json.hpp>

namespace carillon::config::tests
{

class ReportTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ReportTest);
    CPPUNIT_TEST(everyEffectiveValueIsShownWithItsOrigin);
    CPPUNIT_TEST(secretsAreMaskedEverywhere);
    CPPUNIT_TEST(aSectionAloneCanBeShown);
    CPPUNIT_TEST(dsnsLoseTheirCredentials);
    CPPUNIT_TEST(whatIsShownCanBeWrittenIntoAFile);
    CPPUNIT_TEST(aGoodConfigurationIsSummedUp);
    CPPUNIT_TEST(problemsAreCounted);
    CPPUNIT_TEST(theReferenceHasEveryKey);
    CPPUNIT_TEST_SUITE_END();

public:
    void everyEffectiveValueIsShownWithItsOrigin()
    {
        _workspace.write("etc/carillon.yaml", std::string("admin: {port: 1}\n") + Workspace::minimum);

        const auto text = showText(_workspace.loaded());

        CPPUNIT_ASSERT_EQUAL(std::string("environment dev"), text.substr(0, 15));
        CPPUNIT_ASSERT(line(text, "admin.port ").find(" 1 ") != std::string::npos);
        CPPUNIT_ASSERT(line(text, "admin.port ").ends_with("etc/carillon.yaml:1:9"));
        CPPUNIT_ASSERT(line(text, "worker.drain_timeout ").ends_with("default"));
        CPPUNIT_ASSERT(line(text, "transports.notifications.retry.max_retries ").find(" 3 ") != std::string::npos);
        const auto json = nlohmann::json::parse(showJson(_workspace.loaded()));
        CPPUNIT_ASSERT_EQUAL(_workspace.loaded().entries.size(), json.at("values").size());
    }

    /// Promise 8.
    void secretsAreMaskedEverywhere()
    {
        _workspace.write("etc/carillon.yaml", "admin: {token: canary-0123456789}\nplugin: {x: {api_token: canary}}\n"
                                              "transports: {notifications: {dsn: 'amqp://user:canary@host/v'}, failed: {}}\n");
        _workspace.options.transportSchemes.push_back("amqp");

        const auto configuration = _workspace.loaded();

        CPPUNIT_ASSERT(showText(configuration).find("canary") == std::string::npos);
        CPPUNIT_ASSERT(showJson(configuration).find("canary") == std::string::npos);
        CPPUNIT_ASSERT(showText(configuration).find("amqp://***@host/v") != std::string::npos);
        CPPUNIT_ASSERT(line(showText(configuration), "admin.token ").find(" *** ") != std::string::npos);
    }

    void aSectionAloneCanBeShown()
    {
        _workspace.write("etc/carillon.yaml", Workspace::minimum);

        const auto text = showText(_workspace.loaded(), "log.");

        CPPUNIT_ASSERT(text.find("log.level") != std::string::npos);
        CPPUNIT_ASSERT(text.find("admin.port") == std::string::npos);
    }

    void dsnsLoseTheirCredentials()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("amqp://***@host:5672/v"), maskedDsn("amqp://user:p@ss@host:5672/v"));
        CPPUNIT_ASSERT_EQUAL(std::string("amqp://host/a@b"), maskedDsn("amqp://host/a@b"));
        CPPUNIT_ASSERT_EQUAL(std::string("sqlite:///x?***"), maskedDsn("sqlite:///x?key=canary"));
        CPPUNIT_ASSERT_EQUAL(std::string("amqp://***@host"), maskedDsn("amqp://canary@host"));
        CPPUNIT_ASSERT_EQUAL(std::string("***"), maskedDsn("canary"));
    }

    void whatIsShownCanBeWrittenIntoAFile()
    {
        _workspace.write("etc/carillon.yaml", std::string("notification: {services: ['a, b', c]}\n") + Workspace::minimum);
        const auto before = _workspace.loaded();
        std::string ini;
        for (const auto& entry : before.entries) ini += entry.key + " = " + (entry.value.empty() ? "\"\"" : entry.value) + "\n";
        _workspace.write("etc/again.ini", ini);
        _workspace.options.file = "etc/again.ini";

        const auto after = _workspace.loaded();

        CPPUNIT_ASSERT_EQUAL(before.entries.size(), after.entries.size());
        for (std::size_t at = 0; at < before.entries.size(); ++at)
        {
            CPPUNIT_ASSERT_EQUAL(before.entries[at].key, after.entries[at].key);
            CPPUNIT_ASSERT_EQUAL(before.entries[at].value, after.entries[at].value);
        }
    }

    void aGoodConfigurationIsSummedUp()
    {
        _workspace.write("etc/carillon.yaml", Workspace::minimum);

        CPPUNIT_ASSERT_EQUAL(std::string("OK: environment dev, read etc/carillon.yaml; transports 2, routes 0, groups 0\n"),
                             checkText(_workspace.load()));
        CPPUNIT_ASSERT(nlohmann::json::parse(checkJson(_workspace.load())).at("ok").get<bool>());
    }

    void problemsAreCounted()
    {
        _workspace.write("etc/carillon.yaml", std::string("admin: {prot: 1, port: x}\n") + Workspace::minimum);

        const auto text = checkText(_workspace.load());

        CPPUNIT_ASSERT_MESSAGE(text, text.ends_with("2 problems found\n"));
        const auto json = nlohmann::json::parse(checkJson(_workspace.load()));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, json.at("problems").size());
        CPPUNIT_ASSERT_EQUAL(std::string("etc/carillon.yaml:1:9"), json.at("problems").at(0).at("place").get<std::string>());
    }

    void theReferenceHasEveryKey()
    {
        const auto text = referenceText();
        for (const auto& key : keys()) CPPUNIT_ASSERT_MESSAGE(key.pattern, text.find(key.pattern + "\n") != std::string::npos);
        CPPUNIT_ASSERT(text.find("CARILLON__TRANSPORTS__<NAME>__RETRY__MAX_RETRIES") != std::string::npos);
        CPPUNIT_ASSERT(text.find("admin.token_file names a file that holds it") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(keys().size(), nlohmann::json::parse(referenceJson()).size());
    }

private:
    static std::string line(const std::string& text, const std::string& beginning)
    {
        const auto begin = text.find("\n" + beginning);
        CPPUNIT_ASSERT_MESSAGE(beginning, begin != std::string::npos);
        return text.substr(begin + 1, text.find('\n', begin + 1) - begin - 1);
    }

    Workspace _workspace;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReportTest);

} // namespace carillon::config::tests
