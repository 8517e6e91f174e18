#include "config/Handover.h"
#include "Workspace.h"
#include "carillon/Errors.h"
#include "config/Report.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::config::tests
{

class HandoverTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HandoverTest);
    CPPUNIT_TEST(theChildGetsTheVerySameConfiguration);
    CPPUNIT_TEST(theChildReadsNoFile);
    CPPUNIT_TEST(damagedTextsAreRefusedWithoutQuotingThem);
    CPPUNIT_TEST_SUITE_END();

public:
    void theChildGetsTheVerySameConfiguration()
    {
        const auto configuration = sample();

        const auto restored = deserialize(serialize(configuration));

        CPPUNIT_ASSERT_EQUAL(serialize(configuration), serialize(restored));
        CPPUNIT_ASSERT(restored.environment == Environment::Test);
        CPPUNIT_ASSERT_EQUAL(configuration.baseDirectory.string(), restored.baseDirectory.string());
        CPPUNIT_ASSERT(configuration.files == restored.files);
        CPPUNIT_ASSERT_EQUAL(std::string("0123456789canary"), restored.admin.token);
        CPPUNIT_ASSERT_EQUAL(std::string("notifications"), restored.transports.at("notifications").queue);
        CPPUNIT_ASSERT(restored.types.at("a.b").timeout == milliseconds{2000});
        CPPUNIT_ASSERT(!restored.types.at("a.b").priority);
        CPPUNIT_ASSERT(restored.route("a.b") == std::vector<std::string>{"failed"});
        CPPUNIT_ASSERT_EQUAL(std::string("x"), restored.plugin.at("send").at("deep.key").value);
        CPPUNIT_ASSERT_EQUAL(showText(configuration), showText(restored));
    }

    void theChildReadsNoFile()
    {
        const auto text = serialize(sample());
        std::filesystem::remove_all(_workspace.path() / "etc");
        std::filesystem::remove_all(_workspace.path() / "token");

        CPPUNIT_ASSERT_EQUAL(std::string("0123456789canary"), deserialize(text).admin.token);
    }

    void damagedTextsAreRefusedWithoutQuotingThem()
    {
        const auto text = serialize(sample());
        for (const auto& damaged :
             {std::string(), std::string("[]"), text.substr(0, text.size() / 2), std::string("{\"version\":99}"),
              std::string(R"({"version":1,"environment":"mars","base":"","files":[],"entries":[]})"),
              std::string(R"({"version":1,"environment":"dev","base":"","files":[],"entries":[["no.key","canary",[],false,0,"",0,0]]})"),
              std::string(
                  R"({"version":1,"environment":"dev","base":"","files":[],"entries":[["admin.port","canary",[],false,0,"",0,0]]})")})
        {
            try
            {
                deserialize(damaged);
                CPPUNIT_FAIL("not refused: " + damaged);
            }
            catch (const ConfigurationError& error)
            {
                CPPUNIT_ASSERT_MESSAGE(error.what(), std::string(error.what()).find("canary") == std::string::npos);
            }
        }
    }

private:
    Configuration sample()
    {
        _workspace.write("token", "0123456789canary\n");
        _workspace.write("etc/carillon.yaml",
                         std::string("admin: {token_file: token}\nrouting: {a.b: [failed]}\ntypes: {a.b: {timeout: 2s}}\n"
                                     "plugin: {send: {deep: {key: x}}}\nnotification: {services: ['a, b', c]}\n") +
                             Workspace::minimum);
        _workspace.options.environment = "test";
        return _workspace.loaded();
    }

    Workspace _workspace;
};

CPPUNIT_TEST_SUITE_REGISTRATION(HandoverTest);

} // namespace carillon::config::tests
