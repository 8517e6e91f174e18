#include "Workspace.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::config::tests
{

class CrossCheckTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(CrossCheckTest);
    CPPUNIT_TEST(aRouteToATransportThatIsNotThereIsNamed);
    CPPUNIT_TEST(aGroupThatConsumesNothingIsRefused);
    CPPUNIT_TEST(aGroupNamesTransportsThatExistAndEachOnce);
    CPPUNIT_TEST(aTypeThatNobodyRoutesIsRefused);
    CPPUNIT_TEST(twoTransportsOnOneQueueAreRefused);
    CPPUNIT_TEST(dsnsNeedAKnownSchemeAndAFile);
    CPPUNIT_TEST(memoryIsRefusedInStageAndProd);
    CPPUNIT_TEST(stageAndProdNeedTokenAndPushKey);
    CPPUNIT_TEST(aShortTokenIsRefused);
    CPPUNIT_TEST(durationsMustFitEachOther);
    CPPUNIT_TEST(pushGoesEncrypted);
    CPPUNIT_TEST(neutralTextsAndServicesAreNeeded);
    CPPUNIT_TEST_SUITE_END();

public:
    void aRouteToATransportThatIsNotThereIsNamed()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string("etc/carillon.yaml:1:11: 'routing.a.b' names the transport 'notifcations', which is not configured; did you mean "
                        "'notifications'?\n"),
            _workspace.problemsOf("routing: {a.b: [notifcations]}\n"));
        CPPUNIT_ASSERT(_workspace.problemsOf("routing: {a.b: []}\n").find("'routing.a.b' names no transport") != std::string::npos);
        CPPUNIT_ASSERT(_workspace.problemsOf("routing: {a.b: [failed, failed]}\n").find("names 'failed' twice") != std::string::npos);
        CPPUNIT_ASSERT(_workspace.problemsOf("routing: {a.b: [x]}\n").find("there are failed, notifications") != std::string::npos);
    }

    void aGroupThatConsumesNothingIsRefused()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("group 'g' consumes nothing; name its transports in 'groups.g.transports'\n"),
                             _workspace.problemsOf("groups: {g: {}}\n"));
        CPPUNIT_ASSERT(_workspace.problemsOf("groups: {g: {transports: [failed], plugins: []}}\n").find("group 'g' has no plugin") !=
                       std::string::npos);
    }

    void aGroupNamesTransportsThatExistAndEachOnce()
    {
        CPPUNIT_ASSERT(_workspace.problemsOf("groups: {g: {transports: [faild]}}\n").find("did you mean 'failed'?") != std::string::npos);
        CPPUNIT_ASSERT(_workspace.problemsOf("groups: {g: {transports: [failed, failed]}}\n").find("twice") != std::string::npos);
    }

    void aTypeThatNobodyRoutesIsRefused()
    {
        const std::string types = "types: {notification.sned: {timeout: 1s}}\n";

        CPPUNIT_ASSERT_EQUAL(
            std::string(
                "etc/carillon.yaml:1:29: 'types.notification.sned' is for a message type that 'routing' does not know; did you mean "
                "'notification.send'?\n"),
            _workspace.problemsOf(types + "routing: {notification.send: [failed]}\n"));
        CPPUNIT_ASSERT_EQUAL(std::string(), _workspace.problemsOf(types + "routing: {'*': [failed]}\n"));
    }

    void twoTransportsOnOneQueueAreRefused()
    {
        _workspace.write("etc/carillon.yaml", "transports:\n  a: {}\n  failed: {queue: a}\n");

        CPPUNIT_ASSERT_EQUAL(
            std::string("etc/carillon.yaml:3:12: 'transports.failed.queue' is 'a', which transport 'a' has already; name another\n"),
            Workspace::problems(_workspace.load()));
    }

    void dsnsNeedAKnownSchemeAndAFile()
    {
        CPPUNIT_ASSERT(_workspace.problemsOf("store: {dsn: state/x.db}\n").find("'store.dsn' is no DSN") != std::string::npos);
        CPPUNIT_ASSERT(_workspace.problemsOf("store: {dsn: 'oracle://x'}\n").find("'oracle://' is not known here; there are sqlite") !=
                       std::string::npos);
        CPPUNIT_ASSERT(_workspace.problemsOf("store: {dsn: 'sqlite://x.db'}\n").find("names no file") != std::string::npos);
        CPPUNIT_ASSERT(_workspace.problemsOf("store: {dsn: 'sqlite:///'}\n").find("names no file") != std::string::npos);
    }

    void memoryIsRefusedInStageAndProd()
    {
        prepareStrict("transports: {notifications: {dsn: 'memory://'}, failed: {}}\n");
        for (const std::string environment : {"stage", "prod"})
        {
            _workspace.options.environment = environment;
            CPPUNIT_ASSERT_EQUAL("etc/carillon.yaml:1:30: 'transports.notifications.dsn': memory:// loses every message at the next stop "
                                 "and is refused in " +
                                     environment + "; use sqlite:///path\n",
                                 Workspace::problems(_workspace.load()));
        }
        for (const std::string environment : {"dev", "test"})
        {
            _workspace.options.environment = environment;
            CPPUNIT_ASSERT_EQUAL(std::string(), Workspace::problems(_workspace.load()));
        }
    }

    void stageAndProdNeedTokenAndPushKey()
    {
        _workspace.write("etc/carillon.yaml", Workspace::minimum);
        _workspace.options.environment = "prod";

        const auto problems = Workspace::problems(_workspace.load());

        CPPUNIT_ASSERT(problems.find("prod needs a token for the HTTP API; name a file that holds one in 'admin.token_file'") !=
                       std::string::npos);
        CPPUNIT_ASSERT(problems.find("prod needs Google's key file for push") != std::string::npos);
    }

    void aShortTokenIsRefused()
    {
        CPPUNIT_ASSERT(_workspace.problemsOf("admin: {token: short}\n").find("'admin.token' is shorter than 16 characters") !=
                       std::string::npos);
    }

    void durationsMustFitEachOther()
    {
        CPPUNIT_ASSERT(_workspace.problemsOf("worker: {heartbeat_stale: 1s}\n").find("at least twice") != std::string::npos);
        CPPUNIT_ASSERT(_workspace.problemsOf("clerk: {tick_min: 5s}\n").find("'clerk.tick_max' is shorter") != std::string::npos);
        CPPUNIT_ASSERT(_workspace.problemsOf("groups: {g: {transports: [failed], backoff: {max: 10ms}}}\n")
                           .find("'groups.g.backoff.max' is shorter") != std::string::npos);
        _workspace.write("etc/carillon.yaml", "transports: {failed: {retry: {delay: 2s, max_delay: 1s}}}\n");
        CPPUNIT_ASSERT(Workspace::problems(_workspace.load()).find("'transports.failed.retry.max_delay' is shorter") != std::string::npos);
    }

    void pushGoesEncrypted()
    {
        CPPUNIT_ASSERT(_workspace.problemsOf("push: {fcm: {endpoint: 'ftp://x'}}\n").find("must begin with https://") != std::string::npos);
        CPPUNIT_ASSERT(_workspace.problemsOf("push: {fcm: {endpoint: ''}}\n").find("is empty") != std::string::npos);
        CPPUNIT_ASSERT(_workspace.problemsOf("push: {provider: pigeon}\n").find("'push.provider' is 'pigeon'; there are fcm") !=
                       std::string::npos);
        prepareStrict(std::string("push.fcm.token_uri: 'http://x'\n") + Workspace::minimum);
        CPPUNIT_ASSERT_EQUAL(std::string(), Workspace::problems(_workspace.load()));
        _workspace.options.environment = "prod";
        CPPUNIT_ASSERT(Workspace::problems(_workspace.load()).find("'push.fcm.token_uri' must begin with https://") != std::string::npos);
    }

    void neutralTextsAndServicesAreNeeded()
    {
        CPPUNIT_ASSERT(_workspace.problemsOf("notification: {info: {body: ''}}\n").find("'notification.info.body' is empty") !=
                       std::string::npos);
        CPPUNIT_ASSERT(_workspace.problemsOf("notification: {services: []}\n").find("'notification.services' is empty") !=
                       std::string::npos);
    }

private:
    void prepareStrict(const std::string& yaml)
    {
        _workspace.write("key.json", "{}");
        _workspace.write("etc/carillon.yaml", yaml);
        _workspace.options.variables = {{"CARILLON__ADMIN__TOKEN", "0123456789abcdef"},
                                        {"CARILLON__PUSH__FCM__SERVICE_ACCOUNT_FILE", "key.json"}};
    }

    Workspace _workspace;
};

CPPUNIT_TEST_SUITE_REGISTRATION(CrossCheckTest);

} // namespace carillon::config::tests
