#include "push/fcm/FcmOptions.h"

#include "carillon/Errors.h"

#include <cppunit/extensions/HelperMacros.h>

#include <functional>

namespace carillon::push::fcm
{

using namespace std::chrono_literals;

class FcmOptionsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(FcmOptionsTest);
    CPPUNIT_TEST(theDefaultsAreRight);
    CPPUNIT_TEST(aWrongSettingIsNamed);
    CPPUNIT_TEST_SUITE_END();

public:
    void theDefaultsAreRight() { FcmOptions().check(); }

    void aWrongSettingIsNamed()
    {
        const std::pair<const char*, std::function<void(FcmOptions&)>> wrong[] = {
            {"push.fcm.endpoint", [](FcmOptions& options) { options.endpoint = "http://localhost"; }},
            {"push.fcm.endpoint", [](FcmOptions& options) { options.endpoint = "https://host/?a=b"; }},
            {"push.fcm.token_uri", [](FcmOptions& options) { options.tokenUri = "http://localhost/token"; }},
            {"push.fcm.timeout", [](FcmOptions& options) { options.timeout = 0ms; }},
            {"push.fcm.connect_timeout", [](FcmOptions& options) { options.connectTimeout = 0ms; }},
            {"push.fcm.connections", [](FcmOptions& options) { options.connections = 0; }},
            {"push.fcm.max_streams", [](FcmOptions& options) { options.maxStreams = 0; }},
            {"push.fcm.min_retry_delay", [](FcmOptions& options) { options.minRetryDelay = -1ms; }},
            {"push.fcm.max_retry_after", [](FcmOptions& options) { options.maxRetryAfter = 0ms; }},
            {"push.fcm.ttl", [](FcmOptions& options) { options.ttl = 29 * 24h; }},
            {"push.fcm.breaker.failures", [](FcmOptions& options) { options.breaker.failures = -1; }},
            {"push.fcm.breaker", [](FcmOptions& options) { options.breaker.openFor = 0ms; }},
        };
        for (const auto& [setting, spoil] : wrong)
        {
            FcmOptions options;
            spoil(options);
            try
            {
                options.check();
                CPPUNIT_FAIL(std::string(setting) + " was taken");
            }
            catch (const ConfigurationError& error)
            {
                CPPUNIT_ASSERT_MESSAGE(error.what(), std::string(error.what()).starts_with(std::string(setting) + ":"));
            }
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FcmOptionsTest);

} // namespace carillon::push::fcm
