#include "plugin/Manifest.h"

#include "carillon/Errors.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::plugin
{

using namespace std::chrono_literals;

class ManifestTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ManifestTest);
    CPPUNIT_TEST(everyFieldSurvivesJson);
    CPPUNIT_TEST(absentOptionsStayAbsent);
    CPPUNIT_TEST(wholeSetSurvivesJson);
    CPPUNIT_TEST(textThatIsNoManifestIsRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    void everyFieldSurvivesJson()
    {
        const Manifest manifest = full();

        const Manifest copy = Manifest::fromJson(manifest.toJson());

        CPPUNIT_ASSERT_EQUAL(manifest.file.string(), copy.file.string());
        CPPUNIT_ASSERT_EQUAL(manifest.sha256, copy.sha256);
        CPPUNIT_ASSERT_EQUAL(manifest.copy.string(), copy.copy.string());
        CPPUNIT_ASSERT_EQUAL(manifest.abi, copy.abi);
        CPPUNIT_ASSERT_EQUAL(manifest.build, copy.build);
        CPPUNIT_ASSERT_EQUAL(manifest.name, copy.name);
        CPPUNIT_ASSERT_EQUAL(manifest.version, copy.version);
        const HandlerOptions& options = copy.find("notification.send")->options;
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"type":"object"})"), options.schema);
        CPPUNIT_ASSERT_EQUAL(3, options.version);
        CPPUNIT_ASSERT(options.retry == (RetryPolicy{7, 1500ms, 1.7, 90s, 0.25}));
        CPPUNIT_ASSERT(options.timeout == 12345ms);
        CPPUNIT_ASSERT(options.transaction == TransactionKind::Manual);
        CPPUNIT_ASSERT_EQUAL(4, options.maxConcurrency);
        CPPUNIT_ASSERT_EQUAL(64, options.maxBatch);
        CPPUNIT_ASSERT(options.expiresAfter == 24h);
        CPPUNIT_ASSERT_EQUAL(std::string("notification.send"), copy.upcasts.at(0).type);
        CPPUNIT_ASSERT_EQUAL(2, copy.upcasts.at(0).from);
        CPPUNIT_ASSERT_EQUAL(std::string("audit"), copy.middleware.at(0).name);
        CPPUNIT_ASSERT_EQUAL(std::string("retry"), copy.middleware.at(0).placement.before);
        CPPUNIT_ASSERT_EQUAL(std::string(), copy.middleware.at(0).placement.after);
        CPPUNIT_ASSERT_EQUAL(std::string("Europe/Paris"), copy.schedules.at(0).timeZone);
        CPPUNIT_ASSERT_EQUAL(std::string("0 8 * * 1"), copy.schedules.at(0).cron);
        CPPUNIT_ASSERT(manifest.settings == copy.settings);
        CPPUNIT_ASSERT_EQUAL(manifest.toJson(), copy.toJson());
    }

    void absentOptionsStayAbsent()
    {
        Manifest manifest;
        manifest.handlers.push_back({"a.b", {}});

        const HandlerOptions options = Manifest::fromJson(manifest.toJson()).handlers.at(0).options;

        CPPUNIT_ASSERT(!options.retry);
        CPPUNIT_ASSERT(!options.expiresAfter);
    }

    void wholeSetSurvivesJson()
    {
        Manifest other;
        other.name = "other";

        const std::vector<Manifest> copy = manifestsFromJson(toJson(std::vector{full(), other}));

        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, copy.size());
        CPPUNIT_ASSERT_EQUAL(std::string("other"), copy[1].name);
        CPPUNIT_ASSERT(manifestsFromJson("[]").empty());
    }

    void textThatIsNoManifestIsRefused()
    {
        for (const char* text : {"", "{", "[]", "{}", "null", R"({"file":7})"})
            CPPUNIT_ASSERT_THROW_MESSAGE(text, Manifest::fromJson(text), ConfigurationError);
        for (const char* text : {"{}", "[{}]", "null"}) CPPUNIT_ASSERT_THROW_MESSAGE(text, manifestsFromJson(text), ConfigurationError);
        std::string wrongKind = full().toJson();
        wrongKind.replace(wrongKind.find("manual"), 6, "likely");
        CPPUNIT_ASSERT_THROW(Manifest::fromJson(wrongKind), ConfigurationError);
    }

private:
    static Manifest full()
    {
        Manifest manifest;
        manifest.file = "/opt/plugins/send.so";
        manifest.sha256 = "0123abcd";
        manifest.copy = "/var/lib/carillon/plugins/0123abcd.so";
        manifest.abi = 1;
        manifest.build = "compiler=GNU";
        manifest.name = "send";
        manifest.version = "1.0.0";
        HandlerOptions options;
        options.schema = R"({"type":"object"})";
        options.version = 3;
        options.retry = RetryPolicy{7, 1500ms, 1.7, 90s, 0.25};
        options.timeout = 12345ms;
        options.transaction = TransactionKind::Manual;
        options.maxConcurrency = 4;
        options.maxBatch = 64;
        options.expiresAfter = 24h;
        manifest.handlers.push_back({"notification.send", options});
        manifest.upcasts.push_back({"notification.send", 2});
        manifest.middleware.push_back({"audit", {.before = "retry"}});
        manifest.schedules.push_back({"morning", "0 8 * * 1", "Europe/Paris", "notification.bulk", R"({"é":1})"});
        manifest.settings.push_back({"delay", SettingType::Duration, "2s", "How long.", false, false});
        manifest.settings.push_back({"key", SettingType::Text, "", "The key.", true, true});
        return manifest;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ManifestTest);

} // namespace carillon::plugin
