#include "plugin/Registration.h"

#include "plugin/Refused.h"

#include <cppunit/extensions/HelperMacros.h>

#include <Poco/Exception.h>

#include <functional>
#include <stdexcept>
#include <string>

namespace carillon::plugin
{

using namespace std::chrono_literals;

namespace
{

class Quiet final : public Handler
{
public:
    Outcome handle(const Envelope&, Context&) override { return Outcome::ack(); }
};

HandlerFactory quiet()
{
    return [](const Wiring&) { return std::make_unique<Quiet>(); };
}

MiddlewareFactory noLayer()
{
    return [](const Wiring&) { return std::unique_ptr<Middleware>(); };
}

std::string same(const std::string& body) { return body; }

} // namespace

class RegistrationTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RegistrationTest);
    CPPUNIT_TEST(whatIsDeclaredIsDescribed);
    CPPUNIT_TEST(badTypeNamesAreRefused);
    CPPUNIT_TEST(sameTypeTwiceIsRefused);
    CPPUNIT_TEST(missingFactoryIsRefused);
    CPPUNIT_TEST(optionsOutOfRangeAreRefusedByName);
    CPPUNIT_TEST(schemaThatDoesNotParseIsRefused);
    CPPUNIT_TEST(patternWithoutMaxLengthIsRefused);
    CPPUNIT_TEST(upcastsNeedTheirTypeAndAnOlderVersion);
    CPPUNIT_TEST(middlewareNeedsAFreeNameAndOnePlace);
    CPPUNIT_TEST(schedulesAreChecked);
    CPPUNIT_TEST(settingsAreChecked);
    CPPUNIT_TEST(pocoExceptionIsShownWithItsText);
    CPPUNIT_TEST_SUITE_END();

public:
    void whatIsDeclaredIsDescribed()
    {
        Registration registration =
            Registration::run("alpha", "1.2.3",
                              [](Registry& registry)
                              {
                                  registry.add("alpha.one", {.schema = "true", .version = 2}, quiet());
                                  registry.addUpcast("alpha.one", 1, same);
                                  registry.addMiddleware("audit", {.after = "retry"}, noLayer());
                                  registry.addSchedule({.name = "nightly", .cron = "0 2 * * *", .type = "alpha.one"});
                                  registry.addSetting({.key = "greeting", .defaultValue = "hello", .help = "What it says."});
                              });
        Manifest manifest;
        registration.describe(manifest);

        CPPUNIT_ASSERT_EQUAL(std::string("alpha"), manifest.name);
        CPPUNIT_ASSERT_EQUAL(std::string("1.2.3"), manifest.version);
        CPPUNIT_ASSERT_EQUAL(2, manifest.find("alpha.one")->options.version);
        CPPUNIT_ASSERT_EQUAL(1, manifest.upcasts.at(0).from);
        CPPUNIT_ASSERT_EQUAL(std::string("audit"), manifest.middleware.at(0).name);
        CPPUNIT_ASSERT_EQUAL(std::string("nightly"), manifest.schedules.at(0).name);
        CPPUNIT_ASSERT_EQUAL(std::string("greeting"), manifest.settings.at(0).key);
        CPPUNIT_ASSERT_EQUAL(std::string("alpha"), registration.handlers().at(0).plugin);
        CPPUNIT_ASSERT_EQUAL(std::string("1.2.3"), registration.handlers().at(0).pluginVersion);
    }

    void badTypeNamesAreRefused()
    {
        for (const std::string type : {"", "a..b", ".a", "a.", "a b", "1a", "a.1b", "a/b", "é", "*"})
            assertRefused("'" + type + "', which is no name", [&](Registry& registry) { registry.add(type, {}, quiet()); });
        for (const std::string type : {"a", "a.b", "notification.status_update", "Order.Created-2"})
            Registration::run("alpha", "1", [&](Registry& registry) { registry.add(type, {}, quiet()); });
        assertRefused("no name", [](Registry& registry) { registry.add(std::string(129, 'a'), {}, quiet()); });
    }

    void sameTypeTwiceIsRefused()
    {
        assertRefused("'a.b' twice",
                      [](Registry& registry)
                      {
                          registry.add("a.b", {}, quiet());
                          registry.add("a.b", {}, quiet());
                      });
    }

    void missingFactoryIsRefused()
    {
        assertRefused("'a.b' without a factory", [](Registry& registry) { registry.add("a.b", {}, nullptr); });
        assertRefused("'audit' without a factory",
                      [](Registry& registry) { registry.addMiddleware("audit", {.before = "retry"}, nullptr); });
    }

    void optionsOutOfRangeAreRefusedByName()
    {
        assertWrongOption("version", {.version = 0});
        assertWrongOption("timeout", {.timeout = 0ms});
        assertWrongOption("maxConcurrency", {.maxConcurrency = -1});
        assertWrongOption("maxBatch", {.maxBatch = -1});
        assertWrongOption("expiresAfter", {.expiresAfter = 0ms});
        assertWrongOption("retry.maxRetries", {.retry = RetryPolicy{.maxRetries = -1}});
        assertWrongOption("retry.delay", {.retry = RetryPolicy{.delay = -1ms}});
        assertWrongOption("retry.multiplier", {.retry = RetryPolicy{.multiplier = 0.5}});
        assertWrongOption("retry.maxDelay", {.retry = RetryPolicy{.maxDelay = -1ms}});
        assertWrongOption("retry.jitter", {.retry = RetryPolicy{.jitter = 1.5}});
    }

    void schemaThatDoesNotParseIsRefused()
    {
        assertRefused("type 'a.b' with a schema that cannot be used",
                      [](Registry& registry) { registry.add("a.b", {.schema = "{\"type\":"}, quiet()); });
        assertRefused("no keyword of draft-07",
                      [](Registry& registry) { registry.add("a.b", {.schema = R"({"requried":["a"]})"}, quiet()); });
    }

    void patternWithoutMaxLengthIsRefused()
    {
        assertRefused("'/properties/name/pattern': needs a 'maxLength' of at most 1024",
                      [](Registry& registry) { registry.add("a.b", {.schema = R"({"properties":{"name":{"pattern":"^a"}}})"}, quiet()); });
    }

    void upcastsNeedTheirTypeAndAnOlderVersion()
    {
        assertRefused("'a.c', a type that it does not handle", [](Registry& registry) { registry.addUpcast("a.c", 1, same); });
        assertRefused("from version 2, while its newest is 2",
                      [](Registry& registry)
                      {
                          registry.add("a.b", {.version = 2}, quiet());
                          registry.addUpcast("a.b", 2, same);
                      });
        assertRefused("twice",
                      [](Registry& registry)
                      {
                          registry.addUpcast("a.b", 1, same);
                          registry.addUpcast("a.b", 1, same);
                      });
        assertRefused("without a function", [](Registry& registry) { registry.addUpcast("a.b", 1, nullptr); });
    }

    void middlewareNeedsAFreeNameAndOnePlace()
    {
        assertRefused("'Bad', which is no name", [](Registry& registry) { registry.addMiddleware("Bad", {.before = "retry"}, noLayer()); });
        assertRefused("engine's own chain", [](Registry& registry) { registry.addMiddleware("retry", {.before = "metrics"}, noLayer()); });
        assertRefused("neither of", [](Registry& registry) { registry.addMiddleware("audit", {}, noLayer()); });
        assertRefused("both of",
                      [](Registry& registry) { registry.addMiddleware("audit", {.before = "retry", .after = "trace"}, noLayer()); });
        assertRefused("'audit' twice",
                      [](Registry& registry)
                      {
                          registry.addMiddleware("audit", {.before = "retry"}, noLayer());
                          registry.addMiddleware("audit", {.before = "retry"}, noLayer());
                      });
    }

    void schedulesAreChecked()
    {
        const ScheduleDeclaration good{.name = "nightly", .cron = "0 2 * * *", .type = "a.b"};
        const auto assertWrong = [&](const std::string& part, const std::function<void(ScheduleDeclaration&)>& change)
        {
            ScheduleDeclaration schedule = good;
            change(schedule);
            assertRefused(part, [&](Registry& registry) { registry.addSchedule(schedule); });
        };
        assertWrong("no name", [](auto& schedule) { schedule.name = "Every Night"; });
        assertWrong("for the type ''", [](auto& schedule) { schedule.type = ""; });
        assertWrong("cron '0 2 *'", [](auto& schedule) { schedule.cron = "0 2 *"; });
        assertWrong("time zone", [](auto& schedule) { schedule.timeZone = ""; });
        assertWrong("wrong body", [](auto& schedule) { schedule.body = "{"; });
        assertRefused("'nightly' twice",
                      [&](Registry& registry)
                      {
                          registry.addSchedule(good);
                          registry.addSchedule(good);
                      });
    }

    void settingsAreChecked()
    {
        assertRefused("'wait'",
                      [](Registry& registry) {
                          registry.addSetting(
                              {.key = "wait", .type = SettingType::Duration, .defaultValue = "2 seconds or so", .help = "How long."});
                      });
        assertRefused("Bad Key", [](Registry& registry) { registry.addSetting({.key = "Bad Key", .help = "What."}); });
        assertRefused("'wait' twice",
                      [](Registry& registry)
                      {
                          registry.addSetting({.key = "wait", .help = "What."});
                          registry.addSetting({.key = "wait", .help = "What."});
                      });
    }

    void pocoExceptionIsShownWithItsText()
    {
        assertRefused("File not found: /nowhere", [](Registry&) { throw Poco::FileNotFoundException("/nowhere"); });
    }

private:
    static void assertWrongOption(const std::string& option, const HandlerOptions& options)
    {
        assertRefused("'a.b' with a wrong " + option, [&](Registry& registry) { registry.add("a.b", options, quiet()); });
    }

    static void assertRefused(const std::string& part, const std::function<void(Registry&)>& registerPlugin)
    {
        try
        {
            Registration::run("alpha", "1.0.0", registerPlugin);
        }
        catch (const Refused& refused)
        {
            CPPUNIT_ASSERT_MESSAGE(refused.reason(), refused.reason().find("plugin 'alpha' ") == 0);
            CPPUNIT_ASSERT_MESSAGE("'" + part + "' is not in: " + refused.reason(), refused.reason().find(part) != std::string::npos);
            CPPUNIT_ASSERT(!refused.remedy().empty());
            return;
        }
        CPPUNIT_FAIL("accepted, instead of: " + part);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RegistrationTest);

} // namespace carillon::plugin
