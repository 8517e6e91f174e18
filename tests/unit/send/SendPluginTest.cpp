#include "SendHandler.h"
#include "SendMessage.h"

#include "carillon/Plugin.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

extern "C" const CarillonPluginDescriptor* carillon_plugin();

namespace carillon::tests
{

namespace
{

class RecordingRegistry final : public Registry
{
public:
    void add(const std::string& name, const HandlerOptions& handlerOptions, HandlerFactory handlerFactory) override
    {
        type = name;
        options = handlerOptions;
        factory = std::move(handlerFactory);
    }
    void addUpcast(const std::string&, int, Upcast) override { ++others; }
    void addMiddleware(const std::string&, const MiddlewarePlacement&, MiddlewareFactory) override { ++others; }
    void addSchedule(const ScheduleDeclaration&) override { ++others; }
    void addSetting(const SettingDeclaration&) override { ++others; }

    std::string type;
    HandlerOptions options;
    HandlerFactory factory;
    int others = 0;
};

class IdleNotificationService final : public notification::NotificationService
{
public:
    void send(std::span<notification::SendJob>) override {}
    void stageFailure(UnitOfWork&, const std::string&, const std::string&) override {}
};

} // namespace

class SendPluginTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SendPluginTest);
    CPPUNIT_TEST(theDescriptorNamesThePluginAndItsBuild);
    CPPUNIT_TEST(failuresAreRetriedAfterTwoFourAndEightSeconds);
    CPPUNIT_TEST(theTypeIsRegisteredWithSchemaTimeoutAndManualTransaction);
    CPPUNIT_TEST(theHandlerTakesTheNotificationServiceFromTheHost);
    CPPUNIT_TEST(withoutTheServiceTheStartFailsByItsName);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { carillon_plugin()->registerPlugin(_registry); }

    void theDescriptorNamesThePluginAndItsBuild()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("send"), std::string(carillon_plugin()->name));
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), std::string(carillon_plugin()->version));
        CPPUNIT_ASSERT_EQUAL(CARILLON_PLUGIN_ABI, carillon_plugin()->abi);
        CPPUNIT_ASSERT_EQUAL(std::string(CARILLON_BUILD_ID), std::string(carillon_plugin()->build));
    }

    void failuresAreRetriedAfterTwoFourAndEightSeconds()
    {
        using namespace std::chrono_literals;
        const RetryPolicy policy = _registry.options.retry.value();

        CPPUNIT_ASSERT(policy.waitAfter(1, 0.99) == 2s);
        CPPUNIT_ASSERT(policy.waitAfter(2, 0.0) == 4s);
        CPPUNIT_ASSERT(policy.waitAfter(3, 0.5) == 8s);
        CPPUNIT_ASSERT(policy.allowsAnother(3));
        CPPUNIT_ASSERT(!policy.allowsAnother(4));
    }

    void theTypeIsRegisteredWithSchemaTimeoutAndManualTransaction()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("notification.send"), _registry.type);
        CPPUNIT_ASSERT_EQUAL(std::string(send::sendMessageSchema), _registry.options.schema);
        CPPUNIT_ASSERT_EQUAL(1, _registry.options.version);
        CPPUNIT_ASSERT(_registry.options.timeout == std::chrono::seconds(30));
        CPPUNIT_ASSERT(_registry.options.transaction == TransactionKind::Manual);
        CPPUNIT_ASSERT_EQUAL(0, _registry.others);
    }

    void theHandlerTakesTheNotificationServiceFromTheHost()
    {
        IdleNotificationService service;
        Services services;
        services.provide<notification::NotificationService>(service);
        const Settings settings;

        const auto handler = _registry.factory({services, settings, systemClock(), Logger{}});

        CPPUNIT_ASSERT(dynamic_cast<send::SendHandler*>(handler.get()) != nullptr);
    }

    void withoutTheServiceTheStartFailsByItsName()
    {
        const Services services;
        const Settings settings;

        CPPUNIT_ASSERT_THROW(_registry.factory({services, settings, systemClock(), Logger{}}), ConfigurationError);
    }

private:
    RecordingRegistry _registry;
};

CPPUNIT_TEST_SUITE_REGISTRATION(SendPluginTest);

} // namespace carillon::tests
